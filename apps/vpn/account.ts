import type { Configuration } from 'coin'
import type { vpn } from './tables.ts'

/** A VPN account with its subscription and its subnets. */
export type Account = Configuration<typeof vpn>
