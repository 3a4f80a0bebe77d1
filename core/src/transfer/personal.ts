import { sql } from 'drizzle-orm'
import { eraseBy, type PersonalData } from '../app/personal-data.ts'

/** Files that somebody who works for the provider imported. What is in them goes within a day: what remains tells that they did it. */
export const imported: PersonalData = {
  name: 'imports',
  label: 'Files that you imported',
  purpose: 'To import no file twice.',
  basis: 'interest',
  term: 'membership',
  rows: { import_file: ({ userId }) => sql`SELECT id, name, state, created_at FROM import_file WHERE user_id = ${userId ?? null}` },
  erase: (tx, { userId }) =>
    eraseBy(
      tx,
      sql`UPDATE import_file SET user_id = NULL, name = '-', content = NULL, actor = '{"label":""}', outcome = CASE WHEN outcome IS NOT NULL THEN '{}'::jsonb END, error = NULL
        WHERE user_id = ${userId ?? null} AND state IN ('applied', 'failed', 'dropped')`,
    ),
}
