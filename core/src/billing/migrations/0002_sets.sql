-- A run writes lines by the ten thousand, and looking up one by one what each refers to cost more than writing them. These say the same as foreign
-- keys, for all that a statement wrote at once: who writes locks what it refers to and then looks whether it is there; who removes that waits for
-- the lock, and then looks whether something refers to it. A function that looks up sets goes through indexes whatever it finds: a session keeps the
-- plan that it made when a table was small.

-- Whoever looks at what others have written has to see it: a transaction that reads as of its beginning does not.
CREATE FUNCTION coin.reads_what_is_committed() RETURNS void LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
DECLARE isolation text := current_setting('transaction_isolation');
BEGIN
  IF isolation NOT IN ('read committed', 'read uncommitted') THEN
    PERFORM coin.refuse_filled('billing_isolation', 'A {{isolation}} transaction does not see what others bill meanwhile.', 'Use READ COMMITTED, which is the default.', '',
      jsonb_build_object('isolation', upper(isolation)));
  END IF;
END $$;

-- As PostgreSQL refuses what a foreign key refuses.
CREATE FUNCTION coin.refuse_reference(name text, table_name text, message text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', CONSTRAINT = name, TABLE = table_name, MESSAGE = message;
END $$;

-- The charges of one kind that stand do not overlap: no day is billed twice. Those who write charges of one subscription wait for each other, so
-- that each sees what the one before has written. In the order of their first days no charge overlaps the one before it, and so none any other:
-- of those that begin before the end of one that was written, it has to be the last, and the one before it has to have ended.
CREATE OR REPLACE FUNCTION charge_billed_once() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp
  SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE ids bigint[]; held bigint; twice record;
BEGIN
  PERFORM coin.reads_what_is_committed();
  SELECT array_agg(DISTINCT subscription_id) INTO ids FROM changed;
  PERFORM FROM billing_state WHERE subscription_id = ANY (ids) ORDER BY subscription_id FOR UPDATE;
  GET DIAGNOSTICS held = ROW_COUNT;
  -- a subscription has its billing state as long as it is there: see billing_state_stays()
  IF held < cardinality(ids) THEN PERFORM coin.refuse_reference('charge_subscription', 'charge', 'A charge is of a subscription that is there.'); END IF;
  SELECT c.subscription_id, o.period INTO twice FROM changed c CROSS JOIN LATERAL (
    SELECT id, period FROM charge WHERE subscription_id = c.subscription_id AND kind = c.kind AND superseded_by IS NULL AND lower(period) < upper(c.period)
    ORDER BY lower(period) DESC LIMIT 2) o
  WHERE c.superseded_by IS NULL AND o.id <> c.id AND o.period && c.period AND (SELECT superseded_by IS NULL FROM charge WHERE id = c.id) LIMIT 1;
  IF FOUND THEN
    PERFORM coin.refuse_filled('charge_billed_once', 'Subscription {{subscription}} is billed for days of {{period}} already.', 'Bill the difference instead: a run does.', 'period',
      jsonb_build_object('subscription', twice.subscription_id, 'period', twice.period::text));
  END IF;
  RETURN NULL;
END $$;

-- How far a subscription is billed is known as long as it is there, and it is there as long as it was billed.
CREATE OR REPLACE FUNCTION billing_state_stays() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' OR EXISTS (SELECT FROM subscription WHERE id = OLD.subscription_id) THEN
    PERFORM coin.refuse('billing_state_stays', 'Without it the subscription would not be billed any more.');
  END IF;
  PERFORM coin.reads_what_is_committed();
  -- those that stand have an index, and the others
  IF EXISTS (SELECT FROM charge WHERE subscription_id = OLD.subscription_id AND superseded_by IS NULL)
    OR EXISTS (SELECT FROM charge WHERE subscription_id = OLD.subscription_id AND superseded_by IS NOT NULL) THEN
    PERFORM coin.refuse_reference('charge_subscription', 'subscription', 'The subscription was billed: it stays.');
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER billing_state_subscription BEFORE UPDATE OF subscription_id ON billing_state FOR EACH ROW
  WHEN (NEW.subscription_id <> OLD.subscription_id) EXECUTE FUNCTION billing_state_stays();
ALTER TABLE charge DROP CONSTRAINT charge_subscription;

-- Totals of drafts are those of their lines: VAT is worked out once per rate, and rounded half away from zero (EN 16931, BR-CO-17).
CREATE OR REPLACE FUNCTION coin.total_drafts(ids bigint[]) RETURNS void LANGUAGE sql SET search_path = public, coin, pg_temp AS $$
  UPDATE invoice i SET net = t.net, vat = t.vat, total = t.net + t.vat
  FROM (SELECT d.id, l.net, l.vat FROM invoice d CROSS JOIN LATERAL (
      SELECT coalesce(sum(r.net), 0) AS net, coalesce(sum(CASE WHEN r.vat_rate <> 0 THEN round(r.net * r.vat_rate / 100, coin.minor_digits(d.currency)) END), 0) AS vat
      FROM (SELECT vat_rate, sum(net) AS net FROM invoice_line WHERE invoice_id = d.id GROUP BY vat_rate) r) l
    WHERE d.id = ANY (ids) AND (d.net, d.vat) IS DISTINCT FROM (l.net, l.vat)) t
  WHERE i.id = t.id
$$;

CREATE OR REPLACE FUNCTION invoice_lines_follow() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp
  SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE ids bigint[]; charges bigint[]; released bigint[]; frozen text; held bigint;
BEGIN
  SELECT array_agg(DISTINCT invoice_id) INTO ids FROM changed;
  -- who issues one of them waits, or is waited for
  SELECT count(*), max(number) FILTER (WHERE state <> 'draft') INTO held, frozen
  FROM (SELECT number, state FROM invoice WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE) i;
  IF frozen IS NOT NULL THEN
    PERFORM coin.refuse_filled('invoice_frozen', 'Invoice {{number}} was issued: it stays as it is.', 'Make a credit note.', '', jsonb_build_object('number', frozen));
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF held < cardinality(ids) THEN PERFORM coin.refuse_reference('invoice_line_invoice', 'invoice_line', 'A line is of an invoice that is there.'); END IF;
    SELECT array_agg(charge_id ORDER BY charge_id) FILTER (WHERE charge_id IS NOT NULL) INTO charges FROM changed;
    PERFORM FROM charge WHERE id = ANY (charges) ORDER BY id FOR KEY SHARE;
    GET DIAGNOSTICS held = ROW_COUNT;
    IF held < cardinality(charges) THEN
      PERFORM coin.refuse_reference('invoice_line_charge', 'invoice_line', 'A line bills a charge that is there.');
    END IF;
  END IF;
  IF TG_OP = 'DELETE' THEN
    -- with those that took their place without a line, because they cost the same; from the last one back
    WITH RECURSIVE gone AS (
      SELECT c.id, c.superseded_by FROM charge c WHERE c.id IN (SELECT charge_id FROM changed) AND NOT EXISTS (SELECT FROM invoice_line l WHERE l.charge_id = c.id)
      UNION SELECT c.id, c.superseded_by FROM gone g JOIN charge c ON c.id = g.superseded_by WHERE NOT EXISTS (SELECT FROM invoice_line l WHERE l.charge_id = c.id))
    SELECT array_agg(id) INTO released FROM gone;
    LOOP
      DELETE FROM charge c WHERE c.id = ANY (released) AND NOT EXISTS (SELECT FROM charge n WHERE n.id = c.superseded_by);
      EXIT WHEN NOT FOUND;
    END LOOP;
    DELETE FROM charge WHERE id = ANY (released);
    UPDATE billing_state SET recheck = true WHERE NOT recheck AND subscription_id IN (SELECT subscription_id FROM changed WHERE charge_id IS NOT NULL);
  END IF;
  PERFORM coin.total_drafts(ids);
  RETURN NULL;
END $$;
ALTER TABLE invoice_line DROP CONSTRAINT invoice_line_charge;
ALTER TABLE invoice_line DROP CONSTRAINT invoice_line_invoice;

-- A draft goes with its lines.
CREATE FUNCTION invoice_lines_go() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
BEGIN
  PERFORM coin.reads_what_is_committed();
  DELETE FROM invoice_line WHERE invoice_id IN (SELECT id FROM gone);
  RETURN NULL;
END $$;
CREATE TRIGGER invoice_lines_go AFTER DELETE ON invoice REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION invoice_lines_go();

-- What is referred to keeps its number.
CREATE FUNCTION coin.id_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
BEGIN
  PERFORM coin.refuse('id_stays', 'The number of a row stays: others refer to it.');
END $$;
CREATE TRIGGER invoice_id_stays BEFORE UPDATE OF id ON invoice FOR EACH ROW WHEN (NEW.id <> OLD.id) EXECUTE FUNCTION coin.id_stays();

-- An invoice is of a member, and of a run when one made it.
CREATE FUNCTION invoice_parents() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp
  SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE members bigint[]; runs bigint[]; held bigint;
BEGIN
  IF TG_LEVEL = 'ROW' THEN
    members := ARRAY[NEW.member_id];
    runs := array_remove(ARRAY[NEW.run_id], NULL);
  ELSE
    SELECT array_agg(DISTINCT member_id), array_agg(DISTINCT run_id) FILTER (WHERE run_id IS NOT NULL) INTO members, runs FROM changed;
  END IF;
  PERFORM FROM member WHERE id = ANY (members) ORDER BY id FOR KEY SHARE;
  GET DIAGNOSTICS held = ROW_COUNT;
  IF held < cardinality(members) THEN PERFORM coin.refuse_reference('invoice_member', 'invoice', 'An invoice is of a member who is there.'); END IF;
  PERFORM FROM billing_run WHERE id = ANY (runs) ORDER BY id FOR KEY SHARE;
  GET DIAGNOSTICS held = ROW_COUNT;
  IF held < cardinality(runs) THEN PERFORM coin.refuse_reference('invoice_run_id_fkey', 'invoice', 'An invoice is of a run that is there.'); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER invoice_parents_insert AFTER INSERT ON invoice REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION invoice_parents();
CREATE TRIGGER invoice_parents_update AFTER UPDATE OF member_id, run_id ON invoice FOR EACH ROW
  WHEN ((NEW.member_id, NEW.run_id) IS DISTINCT FROM (OLD.member_id, OLD.run_id)) EXECUTE FUNCTION invoice_parents();

CREATE FUNCTION invoiced_stays() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
BEGIN
  PERFORM coin.reads_what_is_committed();
  IF TG_TABLE_NAME = 'member' AND EXISTS (SELECT FROM invoice WHERE member_id = OLD.id) THEN
    PERFORM coin.refuse_reference('invoice_member', 'member', 'This member has invoices and stays.');
  ELSIF TG_TABLE_NAME = 'billing_run' AND EXISTS (SELECT FROM invoice WHERE run_id = OLD.id) THEN
    PERFORM coin.refuse_reference('invoice_run_id_fkey', 'billing_run', 'This run made invoices and stays.');
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER member_invoiced AFTER DELETE OR UPDATE OF id ON member FOR EACH ROW EXECUTE FUNCTION invoiced_stays();
CREATE TRIGGER billing_run_invoiced AFTER DELETE OR UPDATE OF id ON billing_run FOR EACH ROW EXECUTE FUNCTION invoiced_stays();
ALTER TABLE invoice DROP CONSTRAINT invoice_member;
ALTER TABLE invoice DROP CONSTRAINT invoice_run_id_fkey;
