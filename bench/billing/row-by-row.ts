import type pg from 'pg'

/**
 * Bills up to `date` as the first Coin does: member by member in a transaction each, one object after the other, asking the lines that exist
 * whether a period was billed. Written out with this project's tables and driver, without the checks and explanations that Coin adds.
 * Returns how many invoices it made.
 */
export async function billRowByRow(client: pg.Client, date: string): Promise<number> {
  const members = await client.query<{ id: number }>(
    'SELECT DISTINCT m.id FROM member m JOIN subscription s ON s.member_id = m.id WHERE s.started_on <= $1 AND (s.resigned_on IS NULL OR s.resigned_on >= $1)',
    [date],
  )
  let made = 0
  for (const { id } of members.rows) {
    await client.query('BEGIN')
    await client.query('SAVEPOINT member')
    const member = await client.query('SELECT * FROM member WHERE id = $1', [id])
    const invoice = await client.query<{ id: number }>('INSERT INTO invoice (member_id) VALUES ($1) RETURNING id', [member.rows[0].id])
    const invoiceId = invoice.rows[0]?.id
    const subscriptions = await client.query(
      'SELECT * FROM subscription WHERE member_id = $1 AND started_on <= $2 AND (resigned_on IS NULL OR resigned_on >= $2)',
      [id, date],
    )
    let lines = 0
    for (const subscription of subscriptions.rows) lines += await billOne(client, subscription, invoiceId, date)
    const count = await client.query<{ count: string }>('SELECT count(*) FROM invoice_line WHERE invoice_id = $1', [invoiceId])
    if (Number(count.rows[0]?.count) > 0) {
      await client.query('UPDATE invoice SET note = note WHERE id = $1', [invoiceId])
      await client.query('RELEASE SAVEPOINT member')
      made++
    } else await client.query('ROLLBACK TO SAVEPOINT member')
    await client.query('COMMIT')
  }
  return made
}

interface Subscription {
  readonly id: number
  readonly started_on: string
}

async function billOne(client: pg.Client, subscription: Subscription, invoiceId: number | undefined, date: string): Promise<number> {
  const offer = await client.query(
    'SELECT o.* FROM offer o JOIN subscription_offer d ON d.offer_id = o.id WHERE d.subscription_id = $1 AND d.during @> $2::date',
    [subscription.id, date],
  )
  const price = await client.query(
    'SELECT * FROM offer_price WHERE offer_id = $1 AND effective_from <= $2 ORDER BY effective_from DESC LIMIT 1',
    [offer.rows[0].id, date],
  )
  const { period_fee, initial_fee } = price.rows[0]
  let position = 0
  const add = async (description: string, quantity: string, fee: string, from: string, to: string) => {
    position++
    await client.query(
      `INSERT INTO invoice_line (invoice_id, position, description, subscription_id, period, quantity, unit_price, net)
       VALUES ($1, (SELECT coalesce(max(position), 0) + 1 FROM invoice_line WHERE invoice_id = $1), $2, $3, daterange($4, $5), $6, $7, round($6::numeric * $7::numeric, 2))`,
      [invoiceId, description, subscription.id, from, to, quantity, fee],
    )
  }
  const known = await client.query('SELECT 1 FROM invoice_line WHERE subscription_id = $1 LIMIT 1', [subscription.id])
  if (known.rowCount === 0) await add('Opening', '1', initial_fee, subscription.started_on, date)
  // each month from the start on: was it billed?
  for (
    let month = Temporal.PlainDate.from(subscription.started_on).with({ day: 1 });
    month.toString() <= date;
    month = month.add({ months: 1 })
  ) {
    const end = month.add({ months: 1 })
    const first = month.toString() < subscription.started_on ? Temporal.PlainDate.from(subscription.started_on) : month
    const billed = await client.query(
      "SELECT 1 FROM invoice_line WHERE subscription_id = $1 AND period && daterange($2, $3) AND description <> 'Opening'",
      [subscription.id, first.toString(), end.toString()],
    )
    if (billed.rowCount !== 0) continue
    const share = first.until(end).days / month.daysInMonth
    await add('Period', share.toFixed(2), period_fee, first.toString(), end.toString())
  }
  return position
}
