import * as z from 'zod'
import { emptyFileView } from '../admin/transfer/empty-file.ts'
import { dropOldFiles } from '../admin/transfer/import-file.ts'
import { importView } from '../admin/transfer/import-page.tsx'
import { problemsView } from '../admin/transfer/problems-file.ts'
import { uploadView } from '../admin/transfer/upload-page.tsx'
import { defineApp } from '../app/app.ts'
import { defineJob } from '../app/job.ts'
import { imported } from './personal.ts'

const views = { upload: uploadView, emptyFile: emptyFileView, import: importView, problems: problemsView }

/** Files of rows that come in: the pages of the engine in `admin/transfer`. */
export default defineApp(
  { name: 'transfer', verboseName: 'Files of rows', root: import.meta.url },
  {
    views,
    exportedUrls: [['', views]],
    personalData: [imported],
    constraints: {
      import_file_name: { message: 'A file has a name of at most 200 characters.' },
      import_file_hash: { message: 'The hash of a file is 64 hexadecimal digits.' },
      import_file_state: { message: 'An import is in none of these states.' },
      import_file_content: { message: 'A file is kept until it is imported.' },
      import_file_checked: { message: 'A file is looked at before it is imported.' },
    },
    jobs: { dropOldFiles: defineJob({ payload: z.object({}), schedule: '23 * * * *', run: (_, { tx }) => dropOldFiles(tx) }) },
  },
)
