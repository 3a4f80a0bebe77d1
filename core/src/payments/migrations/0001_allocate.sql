-- What is open of money and of bills finds each other by itself, whoever writes: what gives an amount back first covers that, then the
-- invoice that a payment names or a credit note corrects, then the oldest credit the oldest bill. What a person allocated stays.

ALTER TABLE payment
  ADD CONSTRAINT payment_minor_digits CHECK (amount = round(amount, coin.minor_digits(currency))),
  ADD CONSTRAINT payment_reverses_another CHECK (reverses_id <> id);

-- What a payment names is its member's, and in its currency.
CREATE FUNCTION payment_names() RETURNS trigger LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
BEGIN
  IF NEW.invoice_id IS NOT NULL AND EXISTS (SELECT FROM invoice i WHERE i.id = NEW.invoice_id
    AND ((i.member_id, i.currency) IS DISTINCT FROM (NEW.member_id, NEW.currency) OR i.state <> 'issued' OR i.kind = 'credit_note')) THEN
    PERFORM coin.refuse('payment_invoice_fits', 'A payment is for an issued invoice of the same member and currency.',
      'Choose another invoice, or leave it empty: the oldest unpaid one is covered first.', 'invoice_id');
  END IF;
  IF NEW.reverses_id IS NOT NULL AND EXISTS (SELECT FROM payment p WHERE p.id = NEW.reverses_id
    AND ((p.member_id, p.currency) IS DISTINCT FROM (NEW.member_id, NEW.currency) OR p.amount < 0)) THEN
    PERFORM coin.refuse('payment_reverses_fits', 'What is paid back or returned was received from the same member, in the same currency.',
      'Choose another payment, or none.', 'reverses_id');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER payment_names BEFORE INSERT OR UPDATE OF member_id, currency, amount, invoice_id, reverses_id ON payment FOR EACH ROW
  WHEN (NEW.invoice_id IS NOT NULL OR NEW.reverses_id IS NOT NULL) EXECUTE FUNCTION payment_names();

-- Money that was given back covers nothing any more: the automatic allocations of the payments that open returns and refunds undo end,
-- the newest first, as far as needed. What is left of the last one is allocated again, on its old day.
CREATE FUNCTION coin.take_back_reversed(member_ids bigint[]) RETURNS void LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
DECLARE reversed bigint[]; missing numeric[]; rests payment_allocation[];
BEGIN
  SELECT array_agg(p.id), array_agg(r.needed - (p.amount - p.allocated)) INTO reversed, missing
  FROM (SELECT reverses_id, sum(allocated - amount) AS needed FROM payment
    WHERE member_id = ANY (member_ids) AND allocated <> amount AND reverses_id IS NOT NULL GROUP BY 1) r
  JOIN payment p ON p.id = r.reverses_id WHERE p.member_id = ANY (member_ids) AND p.amount - p.allocated < r.needed;
  IF reversed IS NULL THEN RETURN; END IF;
  WITH newest AS (
    SELECT a.id, m.missing, sum(a.amount) OVER (PARTITION BY a.from_payment ORDER BY a.id DESC) AS upto
    FROM payment_allocation a JOIN unnest(reversed, missing) m (id, missing) ON m.id = a.from_payment
    LEFT JOIN payment r ON r.id = a.to_payment
    WHERE a.from_payment = ANY (reversed) AND NOT a.by_hand AND r.reverses_id IS DISTINCT FROM a.from_payment),
  ended AS (DELETE FROM payment_allocation a USING newest n WHERE a.id = n.id AND n.upto - a.amount < n.missing
    RETURNING a.*, n.upto - n.missing AS rest)
  SELECT array_agg(ROW(id, from_payment, from_credit_note, to_invoice, to_payment, rest, by_hand, created_at)::payment_allocation ORDER BY id)
    FILTER (WHERE rest > 0) INTO rests FROM ended;
  INSERT INTO payment_allocation (from_payment, to_invoice, to_payment, amount, created_at)
  SELECT from_payment, to_invoice, to_payment, amount, created_at FROM unnest(rests) WITH ORDINALITY ORDER BY ordinality;
END $$;

-- What an open payment is undone by: a refund or the bank's return that names it.
CREATE FUNCTION coin.allocate_reversals(member_ids bigint[]) RETURNS void LANGUAGE sql SET search_path = public, coin, pg_temp SET enable_nestloop = off AS $$
  WITH returned AS (
    SELECT id, reverses_id, allocated - amount AS open, sum(allocated - amount) OVER (PARTITION BY reverses_id ORDER BY received_on, id) AS upto
    FROM payment WHERE member_id = ANY (member_ids) AND allocated > amount AND reverses_id IS NOT NULL)
  INSERT INTO payment_allocation (from_payment, to_payment, amount)
  SELECT p.id, r.id, least(r.upto, p.amount - p.allocated) - (r.upto - r.open)
  FROM returned r JOIN payment p ON p.id = r.reverses_id
  WHERE p.member_id = ANY (member_ids) AND p.amount > p.allocated AND r.upto - r.open < p.amount - p.allocated ORDER BY r.id
$$;

-- Credits that say which invoice they are for. Several for one invoice: the oldest first.
CREATE FUNCTION coin.allocate_named(member_ids bigint[]) RETURNS void LANGUAGE sql SET search_path = public, coin, pg_temp SET enable_nestloop = off AS $$
  WITH credit AS (
    SELECT payment_id, note_id, invoice_id, open, sum(open) OVER (PARTITION BY invoice_id ORDER BY day, note_id, payment_id) AS upto FROM (
      SELECT id AS payment_id, NULL::bigint AS note_id, invoice_id, amount - allocated AS open, received_on AS day FROM payment
      WHERE member_id = ANY (member_ids) AND amount > allocated AND invoice_id IS NOT NULL
      UNION ALL SELECT NULL, id, corrects_id, allocated - total, issued_on FROM invoice
      WHERE member_id = ANY (member_ids) AND state = 'issued' AND allocated <> total AND total < 0 AND disputed_on IS NULL AND corrects_id IS NOT NULL) e)
  INSERT INTO payment_allocation (from_payment, from_credit_note, to_invoice, amount)
  SELECT c.payment_id, c.note_id, i.id, least(c.upto, i.total - i.allocated) - (c.upto - c.open)
  FROM credit c JOIN invoice i ON i.id = c.invoice_id
  WHERE i.member_id = ANY (member_ids) AND i.state = 'issued' AND i.total > i.allocated AND i.disputed_on IS NULL
    AND c.upto - c.open < i.total - i.allocated ORDER BY i.id, c.upto
$$;

-- Both sides laid end to end, oldest first: where a credit and a debit overlap, that much of one covers the other.
CREATE FUNCTION coin.allocate_oldest(member_ids bigint[]) RETURNS void LANGUAGE sql SET search_path = public, coin, pg_temp SET enable_nestloop = off AS $$
  WITH credit AS (
    SELECT *, sum(open) OVER (PARTITION BY member_id, currency ORDER BY day, note_id, payment_id) AS upto FROM (
      SELECT member_id, currency, id AS payment_id, NULL::bigint AS note_id, amount - allocated AS open, received_on AS day FROM payment
      WHERE member_id = ANY (member_ids) AND allocated <> amount AND amount > 0
      UNION ALL SELECT member_id, currency, NULL, id, allocated - total, issued_on FROM invoice
      WHERE member_id = ANY (member_ids) AND state = 'issued' AND allocated <> total AND total < 0 AND disputed_on IS NULL) e),
  debit AS (
    SELECT *, sum(open) OVER (PARTITION BY member_id, currency ORDER BY day, invoice_id, payment_id) AS upto FROM (
      SELECT member_id, currency, id AS payment_id, NULL::bigint AS invoice_id, allocated - amount AS open, received_on AS day FROM payment
      WHERE member_id = ANY (member_ids) AND allocated <> amount AND amount < 0
      UNION ALL SELECT member_id, currency, NULL, id, total - allocated, issued_on FROM invoice
      WHERE member_id = ANY (member_ids) AND state = 'issued' AND allocated <> total AND total > 0 AND disputed_on IS NULL) e)
  INSERT INTO payment_allocation (from_payment, from_credit_note, to_invoice, to_payment, amount)
  SELECT c.payment_id, c.note_id, d.invoice_id, d.payment_id, least(c.upto, d.upto) - greatest(c.upto - c.open, d.upto - d.open)
  FROM credit c JOIN debit d USING (member_id, currency)
  WHERE c.upto - c.open < d.upto AND d.upto - d.open < c.upto ORDER BY member_id, currency, c.upto, d.upto
$$;

-- Applies the rules to all that is open of these members, in a constant number of statements. Doing it again changes nothing. Two
-- transactions that do it for one member do it one after the other, and the second sees what the first wrote: the member's row is the
-- lock, in the order of ids; then invoices, then payments.
CREATE FUNCTION coin.allocate_payments(member_ids bigint[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp
  SET enable_seqscan = off SET enable_hashjoin = on SET enable_mergejoin = on SET jit = off AS $$
DECLARE ids bigint[];
BEGIN
  PERFORM FROM member WHERE id = ANY (member_ids) ORDER BY id FOR NO KEY UPDATE;
  SELECT array_agg(DISTINCT member_id ORDER BY member_id) INTO ids FROM (
    SELECT member_id FROM payment WHERE member_id = ANY (member_ids) AND allocated <> amount AND (amount > 0 OR reverses_id IS NOT NULL)
    UNION ALL SELECT member_id FROM invoice WHERE member_id = ANY (member_ids) AND state = 'issued' AND allocated <> total AND total < 0) e;
  IF ids IS NULL THEN RETURN; END IF;
  PERFORM FROM invoice WHERE member_id = ANY (ids) AND state = 'issued' AND allocated <> total ORDER BY id FOR NO KEY UPDATE;
  PERFORM FROM payment WHERE member_id = ANY (ids) AND allocated <> amount ORDER BY id FOR NO KEY UPDATE;
  IF EXISTS (SELECT FROM payment WHERE member_id = ANY (ids) AND allocated <> amount AND reverses_id IS NOT NULL) THEN
    PERFORM coin.take_back_reversed(ids);
    PERFORM coin.allocate_reversals(ids);
  END IF;
  PERFORM coin.allocate_named(ids);
  PERFORM coin.allocate_oldest(ids);
END $$;

-- Called for what a statement wrote. What was taken back by hand stays so until one of these happens to the member.
CREATE FUNCTION payments_allocate() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
DECLARE ids bigint[];
BEGIN
  IF TG_TABLE_NAME = 'invoice' THEN
    -- issued by this statement, or no longer in dispute
    SELECT array_agg(DISTINCT member_id) INTO ids FROM (
      SELECT id, member_id FROM changed WHERE state = 'issued' AND disputed_on IS NULL
      EXCEPT SELECT id, member_id FROM before WHERE state = 'issued' AND disputed_on IS NULL) e;
  ELSIF TG_OP = 'INSERT' THEN
    SELECT array_agg(DISTINCT member_id) INTO ids FROM changed;
  ELSE
    SELECT array_agg(DISTINCT member_id) INTO ids FROM (
      SELECT id, member_id, amount, received_on, invoice_id, reverses_id FROM changed
      EXCEPT SELECT id, member_id, amount, received_on, invoice_id, reverses_id FROM before) e;
  END IF;
  IF ids IS NOT NULL THEN PERFORM coin.allocate_payments(ids); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER payment_allocate_insert AFTER INSERT ON payment REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION payments_allocate();
CREATE TRIGGER payment_allocate_update AFTER UPDATE ON payment REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION payments_allocate();
CREATE TRIGGER invoice_payments_allocate AFTER UPDATE ON invoice REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION payments_allocate();

-- A payment that is removed takes its allocations along: what they covered is open again, and what they used of others is free. The
-- cascade's own triggers come after all those of the payment, so this hangs on the allocations, by its name after payment_allocation_delete.
CREATE FUNCTION payment_allocation_gone() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp
  SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_nestloop = on SET jit = off AS $$
DECLARE ids bigint[];
BEGIN
  SELECT array_agg(DISTINCT coalesce(p.member_id, n.member_id, i.member_id, r.member_id)) INTO ids FROM changed c
  LEFT JOIN payment p ON p.id = c.from_payment LEFT JOIN invoice n ON n.id = c.from_credit_note
  LEFT JOIN invoice i ON i.id = c.to_invoice LEFT JOIN payment r ON r.id = c.to_payment
  WHERE (c.from_payment IS NOT NULL AND p.id IS NULL) OR (c.to_payment IS NOT NULL AND r.id IS NULL);
  IF ids IS NOT NULL THEN PERFORM coin.allocate_payments(ids); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER payment_allocation_gone AFTER DELETE ON payment_allocation REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION payment_allocation_gone();

-- A session keeps the plan that was made for its first statement, often of one row, and within payment_allocation_follow(): with ten thousand
-- it must not compare each with each.
ALTER FUNCTION invoice_issued() SET enable_nestloop = off;
ALTER FUNCTION invoice_issued() SET enable_hashjoin = on;

-- Ten thousand payments settle ten thousand invoices: their history and outbox once per statement too, before what they lead to.
DROP TRIGGER invoice_history ON invoice;
CREATE TRIGGER invoice_1_history_update AFTER UPDATE ON invoice REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION coin.keep_histories();
CREATE TRIGGER invoice_1_history_delete AFTER DELETE ON invoice REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION coin.keep_histories();

CREATE FUNCTION invoice_outbox() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp
  SET enable_nestloop = off SET enable_hashjoin = on SET jit = off AS $$
BEGIN
  INSERT INTO coin.outbox (entity, entity_id, op, changed, detail)
  SELECT 'invoice', id, 'changed', (SELECT array_agg(key ORDER BY key) FROM jsonb_object_keys(a) AS key WHERE key <> 'version' AND b -> key IS DISTINCT FROM a -> key), detail
  FROM (SELECT id, to_jsonb(n) AS a, to_jsonb(o) AS b,
      jsonb_build_object('member_id', n.member_id, 'kind', n.kind, 'number', n.number, 'total', n.total, 'allocated', n.allocated) AS detail
    FROM changed n JOIN before o USING (id)
    WHERE n.state = 'issued' AND (o.state, o.allocated, o.disputed_on) IS DISTINCT FROM (n.state, n.allocated, n.disputed_on) ORDER BY id OFFSET 0) e;
  RETURN NULL;
END $$;
DROP TRIGGER invoice_outbox ON invoice;
CREATE TRIGGER invoice_2_outbox AFTER UPDATE ON invoice REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION invoice_outbox();
