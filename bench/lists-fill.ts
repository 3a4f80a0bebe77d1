import pg from 'pg'

/**
 * Fills a database with so many subscriptions, each with a configuration and two subnets; `addresses` above that go round the
 * configurations, and `invoices` the members. Sets, without triggers: the rules are not what is measured.
 */
export async function fill(url: string, rows: number, { addresses = 0, invoices = 0 } = {}): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('BEGIN')
    await client.query('SET LOCAL session_replication_role = replica')
    const values: Readonly<Record<string, number>> = { rows, addresses: Math.max(0, addresses - 2 * rows), invoices }
    for (const statement of statements)
      await client.query(statement.replaceAll(/:(rows|addresses|invoices)\b/g, (_, name: string) => String(Math.trunc(values[name] ?? 0))))
    await client.query('COMMIT')
    await client.query('VACUUM ANALYZE')
  } finally {
    await client.end()
  }
}

const statements = [
  `INSERT INTO member (id, first_name, last_name, username, email, status, kind, joined_on)
   SELECT n, (ARRAY['Amina', 'Luc', 'Solène', 'Côme', 'Ingrid'])[1 + n % 5], 'Member ' || n, 'member' || n, 'member' || n || '@example.org', 'member', 'natural', date '2015-01-01' + n % 4000
   FROM generate_series(1, greatest(1, :rows / 2)) AS n`,
  `INSERT INTO ip_pool (id, name, family, default_prefix_length) VALUES (1, 'IPv4', 4, 32), (2, 'IPv6', 6, 56)`,
  `INSERT INTO ip_pool_prefix (pool_id, prefix) VALUES (1, '10.0.0.0/8'), (2, '2001:db8::/32')`,
  `INSERT INTO offer (id, name, reference, configuration_type)
   SELECT n, 'Offer ' || n, 'offer-' || n, 'simple_dsl' FROM generate_series(1, 6) AS n`,
  `INSERT INTO offer_price (offer_id, effective_from, period_fee) SELECT id, '2015-01-01', 20 + id FROM offer`,
  `INSERT INTO subscription (id, member_id, configuration_type, reference, started_on, resigned_on)
   SELECT n, 1 + n % greatest(1, :rows / 2), 'simple_dsl', 'SUB-' || n, current_date - (n % 3000) + 20, CASE WHEN n % 10 = 0 AND n % 3000 > 200 THEN current_date - 100 END
   FROM generate_series(1, :rows) AS n`,
  `INSERT INTO subscription_offer (subscription_id, offer_id, configuration_type, during)
   SELECT id, 1 + id % 6, 'simple_dsl', daterange(started_on, NULL) FROM subscription`,
  `INSERT INTO subscription_suspension (subscription_id, during) SELECT id, daterange(current_date - 5, NULL) FROM subscription WHERE id % 50 = 7 AND started_on < current_date`,
  `INSERT INTO configuration (id, type, subscription_id) SELECT id, 'simple_dsl', id FROM subscription`,
  `INSERT INTO simple_dsl (id, phone_number) SELECT id, '+33' || (100000000 + id) FROM configuration`,
  `INSERT INTO ip_subnet (configuration_id, pool_id, prefix) SELECT id, 1, set_masklen((inet '10.0.0.0' + id)::cidr, 32) FROM configuration`,
  `INSERT INTO ip_subnet (configuration_id, pool_id, prefix) SELECT id, 2, set_masklen(('2001:db8:' || to_hex(id / 65536) || ':' || to_hex(id % 65536) || '::')::cidr, 64) FROM configuration`,
  `INSERT INTO ip_subnet (configuration_id, pool_id, prefix)
   SELECT 1 + n % :rows, 1, set_masklen((inet '10.16.0.0' + n)::cidr, 32) FROM generate_series(1, :addresses) AS n`,
  `INSERT INTO invoice (member_id, kind, state, total, net, series, month, sequence, number, issued_on, due_on, issued_at, member_snapshot, allocated, pdf_hash, mailed_at)
   SELECT 1 + n % greatest(1, :rows / 2), 'invoice', 'issued', amount, amount, 'invoice', date_trunc('month', day)::date, n, 'F-' || n, day, day + 30, day, '{}', CASE WHEN n % 20 = 0 THEN 0 ELSE amount END, '\\x00', day
   FROM generate_series(1, :invoices) AS n, LATERAL (SELECT 20 + n % 40 AS amount, current_date - 5 - (n % 1000) AS day) AS one`,
]
