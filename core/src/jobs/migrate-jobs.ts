import { runMigrations } from 'graphile-worker'
import { quiet } from './log.ts'

/** Brings the tables of the job queue up to date. */
export const migrateJobs = (url: string): Promise<void> => runMigrations({ connectionString: url, logger: quiet })
