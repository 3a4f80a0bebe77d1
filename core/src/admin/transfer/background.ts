import * as z from 'zod'
import type { Tx } from '../../db/database.ts'
import { addJobs } from '../../jobs/add-jobs.ts'
import type { BackgroundPart } from '../../jobs/background.ts'
import { workOnImport } from './work-on-import.ts'

const task = 'import'
const payload = z.object({ file: z.number() })

/** Long imports are worked on when nobody waits for them. */
export const imports: BackgroundPart = coin => ({
  tasks: { [task]: { app: 'transfer', run: (given, { finish }) => workOnImport(coin, payload.parse(given).file, finish) } },
})

/** Has a file worked on, as its state says, once `tx` has committed. */
export const enqueueImport = (tx: Tx, file: number): Promise<void> => addJobs(tx, [{ task, payload: { file }, key: `${task}:${file}` }])
