import type { AfterCommit, AnyResource, Command, Contributions, Job } from 'coin'
import { certificateCommands } from './commands.ts'
import { refreshCrl } from './crl.ts'
import { certificateJobs } from './jobs.ts'
import { certificateResource } from './resource.tsx'
import { revokeEnded } from './revoke.ts'
import type { CertificateSettings } from './settings.ts'

export { CertificateCard } from './card.tsx'
export { publicViews } from './public-views.ts'
export { type CertificateSettings, certificateSettings } from './settings.ts'
export { certificateViews } from './views.tsx'

/** What certificates add to the app, part by part. */
export interface CertificateParts {
  readonly jobs: Readonly<Record<string, Job>>
  readonly commands: Readonly<Record<string, Command>>
  readonly resources: readonly AnyResource[]
  readonly afterCommit: AfterCommit
  readonly permissions: NonNullable<Contributions['permissions']>
  readonly constraints: NonNullable<Contributions['constraints']>
}

/** What the app contributes when the deployment uses certificates. */
export const certificateParts = (settings: CertificateSettings): CertificateParts => ({
  jobs: certificateJobs(settings),
  commands: certificateCommands(settings),
  resources: [certificateResource(settings.renewDays)],
  afterCommit: {
    // also what was revoked by a trigger: an account that is gone, has another login or another member
    configuration: async (_id, changes, tx) => {
      if (changes.some(({ op, changed }) => op === 'removed' || changed.includes('certificate'))) await refreshCrl(tx, settings)
    },
    subscription: async (id, _changes, tx) => {
      await revokeEnded(tx, id)
      await refreshCrl(tx, settings)
    },
  },
  permissions: {
    'vpn_certificate.issue': 'Get certificates for the VPN accounts of members',
    'vpn_certificate.revoke': 'Revoke the certificates of members',
  },
  constraints: {
    vpn_ca_single: { message: 'There is a certificate authority already.' },
  },
})
