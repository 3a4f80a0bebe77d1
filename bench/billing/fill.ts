import pg from 'pg'

/**
 * Fills a database with so many running subscriptions, two for every third member, on five offers with a change of price. In sets and with the
 * tables' triggers off: the rules are not what is measured.
 */
export async function fill(url: string, rows: number): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('BEGIN')
    await client.query('SET LOCAL session_replication_role = replica')
    for (const statement of statements) await client.query(statement.replaceAll(':rows', String(Math.trunc(rows))))
    await client.query('COMMIT')
    await client.query('VACUUM ANALYZE')
  } finally {
    await client.end()
  }
}

const statements = [
  `INSERT INTO member (id, first_name, last_name, username, email, status, kind, joined_on)
   SELECT n, (ARRAY['Amina', 'Luc', 'Solène', 'Côme', 'Ingrid'])[1 + n % 5], 'Member ' || n, 'member' || n, 'member' || n || '@example.org', 'member', 'natural', date '2015-01-01' + n % 4000
   FROM generate_series(1, :rows) AS n`,
  `INSERT INTO offer (id, name, reference) SELECT n, 'Offer ' || n, 'offer-' || n FROM generate_series(1, 5) AS n`,
  `INSERT INTO offer_price (offer_id, effective_from, period_fee, initial_fee) SELECT id, date '2024-01-01', 20 + id, 10 FROM offer UNION ALL SELECT id, date '2025-06-01', 22 + id, 10 FROM offer`,
  `INSERT INTO subscription (id, member_id, reference, started_on)
   SELECT n, CASE WHEN n % 4 = 0 THEN n - 1 ELSE n END, 'SUB-' || n, date '2025-11-01' + n % 28 FROM generate_series(1, :rows) AS n`,
  `INSERT INTO subscription_offer (subscription_id, offer_id, configuration_type, during) SELECT id, 1 + id % 5, '', daterange(started_on, NULL) FROM subscription`,
  `INSERT INTO subscription_discount (subscription_id, during, label, percent) SELECT id, daterange(started_on, NULL), 'Solidarity', 10 FROM subscription WHERE id % 20 = 0`,
  `INSERT INTO billing_state (subscription_id, member_id, next_on) SELECT id, member_id, started_on FROM subscription`,
]
