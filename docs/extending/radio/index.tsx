import { currentScope, defineApp } from 'coin'
import { sql } from 'drizzle-orm'
import * as z from 'zod'
import { antennas } from './antennas.ts'
import { routes } from './backend.ts'
import { commands } from './commands.ts'
import { link } from './configuration.tsx'
import { afterCommit, beforeCommit } from './events.ts'
import { places } from './finders.ts'
import { checkMasts } from './jobs.ts'
import { masts } from './masts.ts'
import { letters } from './personal.ts'
import { visit } from './requests.ts'
import { CoveragePage } from './views.tsx'

async function countLinks(): Promise<number> {
  const { rows } = await currentScope().db.execute<{ links: number }>(sql`SELECT count(*) AS links FROM radio`)
  return rows[0]?.links ?? 0
}

export default defineApp(
  {
    name: 'radio',
    verboseName: 'Radio',
    root: import.meta.url,
    settings: z.strictObject({ routesFolder: z.string(), quietDays: z.number().int().min(1).default(30) }),
  },
  ({ routesFolder, quietDays }) => ({
    configurations: [link],
    backends: [routes(routesFolder)],
    resources: [masts, antennas],
    finders: [places],
    requests: [visit],
    views: {
      coverage: { path: '/coverage', access: 'public', get: async () => <CoveragePage links={await countLinks()} /> },
      report: { path: '/report', access: 'radio.report', get: c => c.text(`quiet for ${quietDays} days`) },
    },
    menu: [{ label: 'Coverage', view: 'coverage', icon: 'antenna', audience: 'member', order: 50 }],
    css: ['css/radio.css'],
    slots: { 'home.member': () => <p>The masts are checked every night.</p> },
    jobs: { checkMasts },
    commands,
    beforeCommit,
    afterCommit,
    permissions: { 'radio.report': 'Read the report on radio links' },
    personalData: [letters],
    constraints: {
      radio_mac_key: { field: 'mac', message: 'Another link has this MAC address.' },
      radio_antenna_name: { field: 'name', message: 'Another antenna has this name.' },
      radio_antenna_azimuth: { field: 'azimuth', message: 'An azimuth is between 0 and 359 degrees.' },
      radio_mac_form: { field: 'mac', message: 'Write a MAC address as 02:00:5e:10:00:01.' },
    },
  }),
)
