import type { ConstraintMessages } from '../db/errors.ts'

/** What the tables of pools and subnets refuse, in words; what their triggers refuse has its words already. */
export const constraints: ConstraintMessages = {
  ip_pool_name_key: { field: 'name', message: 'Another pool has this name.' },
  ip_pool_name_given: { field: 'name', message: 'Give a name.' },
  ip_pool_family: { field: 'family', message: 'The family is 4 or 6.' },
  ip_pool_quarantine: { field: 'quarantineDays', message: 'A rest has between 0 and 36500 days.' },
  ip_pool_default_length: { field: 'defaultPrefixLength', message: 'A length lies between 1 and 32 in IPv4, between 1 and 128 in IPv6.' },
  ip_prefix_overlap: { field: 'prefixes', message: 'This prefix overlaps another one of this pool or of another.' },
  ip_reserved_overlap: { field: 'prefix', message: 'This range overlaps another reserved one.' },
  ip_reserved_pool: { field: 'poolId', message: 'This pool does not exist.' },
  ip_subnet_overlap: { field: 'prefix', message: 'This prefix overlaps one that is taken.' },
  ip_subnet_configuration: { field: 'configurationId', message: 'This configuration does not exist.' },
  ip_subnet_pool: { field: 'poolId', message: 'This pool does not exist, or addresses of it are still taken.' },
  offer_pool_once: { field: 'poolId', message: 'The offer draws from this pool already.' },
  offer_pool_pool: { field: 'poolId', message: 'This pool does not exist, or an offer still draws from it.' },
  offer_pool_offer: { field: 'offerId', message: 'This offer does not exist.' },
  ip_assignment_current_overlap: { field: 'prefix', message: 'Somebody else takes this prefix at this moment.', hint: 'Try again.' },
  ip_block_of_subnet: { field: 'prefix', message: 'Somebody else takes this prefix at this moment.', hint: 'Try again.' },
}
