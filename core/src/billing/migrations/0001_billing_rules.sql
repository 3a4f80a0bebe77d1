-- How far subscriptions are billed follows what their prices depend on, whoever changes it. Statement triggers: a change of many
-- rows costs one statement.
CREATE FUNCTION billing_follow_subscriptions() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO billing_state (subscription_id, member_id, next_on) SELECT id, member_id, started_on FROM changed;
  ELSE
    UPDATE billing_state b SET member_id = n.member_id, recheck = true
    FROM changed n JOIN before o USING (id)
    WHERE b.subscription_id = n.id AND (n.started_on, n.member_id, n.resigned_on) IS DISTINCT FROM (o.started_on, o.member_id, o.resigned_on);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER subscription_billing_insert AFTER INSERT ON subscription REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION billing_follow_subscriptions();
CREATE TRIGGER subscription_billing_update AFTER UPDATE ON subscription REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION billing_follow_subscriptions();

CREATE FUNCTION billing_recheck() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
BEGIN
  UPDATE billing_state b SET recheck = true WHERE NOT recheck AND b.subscription_id IN (SELECT subscription_id FROM changed);
  RETURN NULL;
END $$;
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['subscription_offer', 'subscription_suspension', 'subscription_discount', 'subscription_free_price', 'subscription_usage'] LOOP
    EXECUTE format('CREATE TRIGGER %I AFTER INSERT ON %I REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION billing_recheck()', name || '_billing_insert', name);
    EXECUTE format('CREATE TRIGGER %I AFTER UPDATE ON %I REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION billing_recheck()', name || '_billing_update', name);
    EXECUTE format('CREATE TRIGGER %I AFTER UPDATE ON %I REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION billing_recheck()', name || '_billing_leave', name);
    EXECUTE format('CREATE TRIGGER %I AFTER DELETE ON %I REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION billing_recheck()', name || '_billing_delete', name);
  END LOOP;
END $$;

CREATE FUNCTION billing_recheck_offer() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
BEGIN
  INSERT INTO billing_recheck_offer (offer_id)
  SELECT DISTINCT id FROM (VALUES (CASE WHEN TG_OP <> 'DELETE' THEN NEW.offer_id END), (CASE WHEN TG_OP <> 'INSERT' THEN OLD.offer_id END)) v (id) WHERE id IS NOT NULL
  -- written again even when it is there: a run that takes it meanwhile waits, or leaves it to the next
  ON CONFLICT (offer_id) DO UPDATE SET since = clock_timestamp();
  RETURN NULL;
END $$;
CREATE TRIGGER offer_price_billing AFTER INSERT OR UPDATE OR DELETE ON offer_price FOR EACH ROW EXECUTE FUNCTION billing_recheck_offer();

-- What was billed for an offer stands on these: changing them would bill its whole past again.
CREATE FUNCTION offer_terms_stay() RETURNS trigger LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
DECLARE field text := CASE WHEN NEW.period_months <> OLD.period_months THEN 'periodMonths' WHEN NEW.billing_strategy <> OLD.billing_strategy THEN 'billingStrategy'
  WHEN NEW.currency <> OLD.currency THEN 'currency' ELSE 'billable' END;
BEGIN
  IF EXISTS (SELECT FROM charge c JOIN subscription_offer s ON s.subscription_id = c.subscription_id WHERE s.offer_id = NEW.id AND c.offer_id = NEW.id)
    OR (NOT OLD.billable AND EXISTS (SELECT FROM subscription_offer s WHERE s.offer_id = NEW.id)) THEN
    PERFORM coin.refuse('offer_terms_stay', 'Subscribers were billed by these terms, or were told that it costs nothing: they stay.',
      'Add another offer with the new terms, and give it to the subscriptions from a day on.', field);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER offer_terms_stay BEFORE UPDATE ON offer FOR EACH ROW
  WHEN ((NEW.period_months, NEW.billing_strategy, NEW.currency, NEW.billable) IS DISTINCT FROM (OLD.period_months, OLD.billing_strategy, OLD.currency, OLD.billable))
  EXECUTE FUNCTION offer_terms_stay();

-- A price that a member chose is not below the minimum of the offers it is for.
CREATE FUNCTION free_price_minimum() RETURNS trigger LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
DECLARE minimum numeric; currency text;
BEGIN
  SELECT o.minimum_fee, o.currency INTO minimum, currency FROM subscription_offer s JOIN offer o ON o.id = s.offer_id
  WHERE s.subscription_id = NEW.subscription_id AND s.during && NEW.during AND o.minimum_fee > NEW.period_fee ORDER BY o.minimum_fee DESC LIMIT 1;
  IF FOUND THEN
    PERFORM coin.refuse_filled('free_price_minimum', 'The offer asks for {{minimum}} {{currency}} at least.', 'Give more, or take another offer.', 'periodFee',
      jsonb_build_object('minimum', minimum::text, 'currency', currency));
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER free_price_minimum BEFORE INSERT OR UPDATE ON subscription_free_price FOR EACH ROW EXECUTE FUNCTION free_price_minimum();

-- A charge is a fact: it is only ever superseded, or released with its draft.
CREATE FUNCTION charge_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'superseded_by' = to_jsonb(OLD) - 'superseded_by'
    AND (OLD.superseded_by IS NULL OR (NEW.superseded_by IS NULL AND NOT EXISTS (SELECT FROM charge WHERE id = OLD.superseded_by))) THEN RETURN NEW; END IF;
  IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM invoice_line l WHERE l.charge_id = OLD.id) THEN
    IF OLD.superseded_by IS NULL OR NOT EXISTS (SELECT FROM charge WHERE id = OLD.superseded_by) THEN RETURN OLD; END IF;
    PERFORM coin.refuse('charge_corrected', 'A later invoice corrects what this draft bills.', 'Delete the later draft first, or issue both.');
  END IF;
  PERFORM coin.refuse('charge_stays', 'What was billed stays as it was billed.', 'Change the subscription or its prices: the next run bills the difference.');
END $$;
CREATE TRIGGER charge_stays BEFORE UPDATE OR DELETE ON charge FOR EACH ROW EXECUTE FUNCTION charge_stays();

-- What takes the place of a charge is of the same subscription and kind, and about the same days; an opening may be on another day.
CREATE FUNCTION charge_superseded_fits() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM charge c JOIN charge n ON n.id = c.superseded_by WHERE c.id = NEW.id
    AND ((n.subscription_id, n.kind) IS DISTINCT FROM (c.subscription_id, c.kind) OR (c.kind <> 'initial' AND NOT n.period && c.period))) THEN
    PERFORM coin.refuse('charge_superseded_fits', 'A charge is corrected by one of the same subscription, kind and days.');
  END IF;
  RETURN NULL;
END $$;
-- at the end: a correction may be written after what it corrects is marked
CREATE CONSTRAINT TRIGGER charge_superseded_fits AFTER INSERT OR UPDATE OF superseded_by ON charge DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.superseded_by IS NOT NULL) EXECUTE FUNCTION charge_superseded_fits();

-- How far a subscription is billed is known as long as it is there.
CREATE FUNCTION billing_state_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
BEGIN
  IF pg_trigger_depth() < 2 THEN PERFORM coin.refuse('billing_state_stays', 'Without it the subscription would not be billed any more.'); END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER billing_state_stays BEFORE DELETE ON billing_state FOR EACH ROW EXECUTE FUNCTION billing_state_stays();

-- The charges of one kind that stand do not overlap: no day is billed twice. What an exclusion constraint would say, at a third of its cost with
-- many rows. Those who write charges of one subscription wait for each other, so that each sees what the one before has written.
CREATE FUNCTION charge_billed_once() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
DECLARE twice record;
BEGIN
  PERFORM FROM billing_state WHERE subscription_id IN (SELECT subscription_id FROM changed) ORDER BY subscription_id FOR UPDATE;
  -- one by one through the index, however many charges there are: a join may read them all
  SELECT c.subscription_id, o.period INTO twice FROM changed c CROSS JOIN LATERAL (
    SELECT o.period FROM charge o WHERE o.subscription_id = c.subscription_id AND o.kind = c.kind AND o.superseded_by IS NULL
      AND lower(o.period) < upper(c.period) AND o.period && c.period AND o.id <> c.id OFFSET 0) o
  WHERE c.superseded_by IS NULL AND EXISTS (SELECT FROM charge still WHERE still.id = c.id AND still.superseded_by IS NULL) LIMIT 1;
  IF FOUND THEN
    PERFORM coin.refuse_filled('charge_billed_once', 'Subscription {{subscription}} is billed for days of {{period}} already.', 'Bill the difference instead: a run does.', 'period',
      jsonb_build_object('subscription', twice.subscription_id, 'period', twice.period::text));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER charge_billed_once_insert AFTER INSERT ON charge REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION charge_billed_once();
CREATE TRIGGER charge_billed_once_update AFTER UPDATE ON charge REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION charge_billed_once();

-- Totals of drafts are those of their lines: VAT is worked out once per rate, and rounded half away from zero (EN 16931, BR-CO-17).
CREATE FUNCTION coin.total_drafts(ids bigint[]) RETURNS void LANGUAGE sql SET search_path = public, coin, pg_temp AS $$
  WITH rates AS (SELECT invoice_id, vat_rate, sum(net) AS net FROM invoice_line WHERE invoice_id = ANY (ids) GROUP BY 1, 2),
    totals AS (SELECT i.id, coalesce(sum(r.net), 0) AS net, coalesce(sum(round(r.net * r.vat_rate / 100, coin.minor_digits(i.currency))), 0) AS vat
      FROM invoice i LEFT JOIN rates r ON r.invoice_id = i.id WHERE i.id = ANY (ids) GROUP BY i.id)
  UPDATE invoice i SET net = t.net, vat = t.vat, total = t.net + t.vat FROM totals t WHERE i.id = t.id AND (i.net, i.vat) IS DISTINCT FROM (t.net, t.vat)
$$;

CREATE FUNCTION invoice_lines_follow() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
DECLARE ids bigint[]; released bigint[]; frozen text;
BEGIN
  SELECT array_agg(DISTINCT invoice_id) INTO ids FROM changed;
  SELECT number INTO frozen FROM invoice WHERE id = ANY (ids) AND state <> 'draft' LIMIT 1;
  IF FOUND THEN
    PERFORM coin.refuse_filled('invoice_frozen', 'Invoice {{number}} was issued: it stays as it is.', 'Make a credit note.', '', jsonb_build_object('number', frozen));
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
CREATE TRIGGER invoice_line_insert AFTER INSERT ON invoice_line REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION invoice_lines_follow();
CREATE TRIGGER invoice_line_delete AFTER DELETE ON invoice_line REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION invoice_lines_follow();

CREATE FUNCTION invoice_line_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
BEGIN
  IF to_jsonb(NEW) - 'position' = to_jsonb(OLD) - 'position' THEN RETURN NEW; END IF;
  PERFORM coin.refuse('invoice_line_stays', 'A line is removed and written again, not changed.');
END $$;
CREATE TRIGGER invoice_line_stays BEFORE UPDATE ON invoice_line FOR EACH ROW EXECUTE FUNCTION invoice_line_stays();

-- Gives what is issued its number. The counter is locked by the first number of a transaction; until its statement ends the next
-- numbers are counted in the transaction's own setting, so that a batch does not write the counter once per invoice.
CREATE FUNCTION coin.next_invoice_number(of_series text, of_month date, issued date, OUT sequence int, OUT issued_on date) LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
DECLARE
  key text := format('coin.counter_%s_%s', of_series, to_char(of_month, 'YYYYMM'));
  known text := nullif(current_setting(key, true), '');
BEGIN
  IF known IS NULL THEN
    INSERT INTO invoice_counter VALUES (of_series, of_month, 0, issued) ON CONFLICT DO NOTHING;
    SELECT last_sequence, greatest(c.last_issued_on, issued) INTO sequence, issued_on FROM invoice_counter c WHERE c.series = of_series AND c.month = of_month FOR UPDATE;
  ELSE
    sequence := split_part(known, ' ', 1)::int;
    issued_on := greatest(split_part(known, ' ', 2)::date, issued);
  END IF;
  sequence := sequence + 1;
  PERFORM set_config(key, sequence || ' ' || issued_on, true);
END $$;

CREATE FUNCTION invoice_issue() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
DECLARE given record; last_month date; of_series text := CASE WHEN NEW.kind IN ('fee', 'donation') THEN NEW.kind ELSE 'invoice' END; today date := coin.today();
BEGIN
  IF NOT EXISTS (SELECT FROM invoice_line WHERE invoice_id = NEW.id) THEN
    PERFORM coin.refuse('invoice_empty', 'This draft has no line.', 'Add a line, or delete the draft.');
  END IF;
  IF NEW.kind <> 'credit_note' AND NEW.total < 0 THEN
    PERFORM coin.refuse('invoice_below_zero', 'The total is below zero: this is a credit note.', 'Make it a credit note.', 'kind');
  ELSIF NEW.kind = 'credit_note' AND NEW.total > 0 THEN
    PERFORM coin.refuse('credit_note_above_zero', 'The total of a credit note is not above zero.', 'Make it an invoice.', 'kind');
  END IF;
  -- a month that has begun in this series is not left again
  SELECT max(month) INTO last_month FROM invoice_counter WHERE series = of_series;
  today := greatest(today, last_month);
  given := coin.next_invoice_number(of_series, date_trunc('month', today)::date, today);
  NEW.series := of_series;
  NEW.month := date_trunc('month', today)::date;
  NEW.sequence := given.sequence;
  NEW.issued_on := given.issued_on;
  NEW.issued_at := clock_timestamp();
  NEW.due_on := greatest(coalesce(NEW.due_on, given.issued_on), given.issued_on);
  SELECT replace(replace(replace(s.pattern, '{{year}}', to_char(NEW.month, 'YYYY')), '{{month}}', to_char(NEW.month, 'MM')), '{{number}}', lpad(NEW.sequence::text, greatest(6, length(NEW.sequence::text)), '0'))
    INTO NEW.number FROM invoice_series s WHERE s.series = of_series;
  IF NEW.member_snapshot IS NULL THEN
    SELECT jsonb_build_object('kind', m.kind, 'name', m.display_name, 'address', m.address, 'postalCode', m.postal_code, 'city', m.city, 'country', m.country, 'email', m.email, 'language', m.language)
      INTO NEW.member_snapshot FROM member m WHERE m.id = NEW.member_id;
  END IF;
  IF NEW.total = 0 THEN NEW.settled_on := NEW.issued_on; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER invoice_issue BEFORE UPDATE ON invoice FOR EACH ROW WHEN (OLD.state = 'draft' AND NEW.state = 'issued') EXECUTE FUNCTION invoice_issue();

-- The counter is written once per statement, from what was given in it; a session that counted otherwise is refused.
CREATE FUNCTION invoice_issued() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
DECLARE n record;
BEGIN
  FOR n IN SELECT a.series, a.month, min(a.sequence) AS first, max(a.sequence) AS last, count(*) AS given, max(a.issued_on) AS issued_on FROM after a JOIN before b USING (id)
    WHERE b.state = 'draft' AND a.state = 'issued' GROUP BY 1, 2
  LOOP
    UPDATE invoice_counter c SET last_sequence = n.last, last_issued_on = n.issued_on
    WHERE c.series = n.series AND c.month = n.month AND c.last_sequence + 1 = n.first AND n.last - n.first + 1 = n.given;
    IF NOT FOUND THEN PERFORM coin.refuse('invoice_counter_kept', 'Numbers are given by Coin alone, so that none is missing.'); END IF;
  END LOOP;
  RETURN NULL;
END $$;
CREATE TRIGGER invoice_issued AFTER UPDATE ON invoice REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION invoice_issued();

-- Nobody counts by hand.
CREATE FUNCTION invoice_counter_kept() RETURNS trigger LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
BEGIN
  IF pg_trigger_depth() < 2 THEN PERFORM coin.refuse('invoice_counter_kept', 'Numbers are given by Coin alone, so that none is missing.'); END IF;
  RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER invoice_counter_kept BEFORE INSERT OR UPDATE OR DELETE ON invoice_counter FOR EACH ROW EXECUTE FUNCTION invoice_counter_kept();

CREATE FUNCTION invoice_frozen() RETURNS trigger LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
DECLARE mutable text[] := '{version,allocated,settled_on,disputed_on,dispute_reason,pdf_hash,mailed_at,document_error,document_attempts,document_retry_at}';
BEGIN
  IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - mutable = to_jsonb(OLD) - mutable AND (OLD.pdf_hash IS NULL OR NEW.pdf_hash = OLD.pdf_hash) THEN
    IF (NEW.allocated, NEW.settled_on) IS DISTINCT FROM (OLD.allocated, OLD.settled_on) AND pg_trigger_depth() < 2 THEN
      PERFORM coin.refuse('invoice_allocated_kept', 'What is paid of an invoice follows the payments.', 'Record or allocate a payment.');
    END IF;
    RETURN NEW;
  END IF;
  PERFORM coin.refuse_filled('invoice_frozen', 'Invoice {{number}} was issued: it stays as it is.', 'Make a credit note.', '', jsonb_build_object('number', OLD.number));
END $$;
CREATE TRIGGER invoice_frozen BEFORE UPDATE OR DELETE ON invoice FOR EACH ROW WHEN (OLD.state = 'issued') EXECUTE FUNCTION invoice_frozen();

-- What a draft asks for is the sum of its lines; whom, and in which currency, stays with them.
CREATE FUNCTION invoice_draft_kept() RETURNS trigger LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
BEGIN
  IF (NEW.net, NEW.vat, NEW.total) IS DISTINCT FROM (OLD.net, OLD.vat, OLD.total) AND pg_trigger_depth() < 2 THEN
    PERFORM coin.refuse('invoice_draft_totals', 'What a draft comes to follows its lines.', 'Add or remove a line.', 'total');
  END IF;
  IF (NEW.member_id, NEW.currency) IS DISTINCT FROM (OLD.member_id, OLD.currency) AND EXISTS (SELECT FROM invoice_line WHERE invoice_id = OLD.id) THEN
    PERFORM coin.refuse('invoice_draft_whose', 'A draft with lines stays with its member and currency.', 'Delete it, and make another.', 'memberId');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER invoice_draft_kept BEFORE UPDATE OF net, vat, total, member_id, currency ON invoice FOR EACH ROW WHEN (OLD.state = 'draft') EXECUTE FUNCTION invoice_draft_kept();

-- A draft is all there is before it is issued: nobody writes a number.
CREATE FUNCTION invoice_begins_as_draft() RETURNS trigger LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
BEGIN
  PERFORM coin.refuse('invoice_begins_as_draft', 'An invoice begins as a draft: its number is given when it is issued.', 'Insert a draft, add its lines, then issue it.');
END $$;
CREATE TRIGGER invoice_begins_as_draft BEFORE INSERT ON invoice FOR EACH ROW WHEN (NEW.state <> 'draft') EXECUTE FUNCTION invoice_begins_as_draft();

CREATE TRIGGER invoice_version BEFORE UPDATE ON invoice FOR EACH ROW EXECUTE FUNCTION coin.next_version();
CREATE TRIGGER invoice_history_insert AFTER INSERT ON invoice FOR EACH ROW WHEN (NEW.run_id IS NULL) EXECUTE FUNCTION coin.keep_history();
CREATE TRIGGER invoice_history AFTER UPDATE OR DELETE ON invoice FOR EACH ROW EXECUTE FUNCTION coin.keep_history();
CREATE TRIGGER invoice_outbox AFTER UPDATE ON invoice FOR EACH ROW
  WHEN (NEW.state = 'issued' AND (OLD.state, OLD.allocated, OLD.disputed_on) IS DISTINCT FROM (NEW.state, NEW.allocated, NEW.disputed_on))
  EXECUTE FUNCTION coin.write_outbox('invoice', '', 'member_id', 'kind', 'number', 'total', 'allocated');
CREATE TRIGGER billing_run_version BEFORE UPDATE ON billing_run FOR EACH ROW EXECUTE FUNCTION coin.next_version();

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['billing_run', 'billing_state', 'charge', 'invoice', 'invoice_line', 'invoice_counter', 'subscription_usage'] LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I EXECUTE FUNCTION coin.no_truncate()', name || '_no_truncate', name);
  END LOOP;
END $$;

-- Subscriptions from before there was billing: they are billed from now on, not for their past. A run for a day to come looks at them
-- from the first day of this month.
INSERT INTO billing_state (subscription_id, member_id, next_on) SELECT id, member_id, started_on FROM subscription ON CONFLICT DO NOTHING;
