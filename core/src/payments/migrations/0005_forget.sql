-- What the bank said, and what it was told, stays as it was. Ten years later the law asks for it no longer: whom it was about may be erased, and
-- nothing else.
CREATE OR REPLACE FUNCTION bank_line_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
DECLARE forgotten text[] := '{label,counterparty_name,counterparty_iban}';
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM coin.refuse('bank_line_begins_proposed', 'A bank line begins as a proposal of its import.', 'Import the statement.');
  ELSIF TG_OP = 'DELETE' THEN
    PERFORM coin.refuse('bank_line_kept', 'This bank line was imported: it stays.', 'Undo its import.');
  ELSIF OLD.booked_on < coin.today() - interval '10 years' AND NEW.label = '' AND num_nonnulls(NEW.counterparty_name, NEW.counterparty_iban) = 0
    AND to_jsonb(NEW) - forgotten = to_jsonb(OLD) - forgotten THEN
    RETURN NEW;
  ELSIF (NEW.import_id, NEW.account_id, NEW.position, NEW.fingerprint, NEW.booked_on, NEW.amount, NEW.currency, NEW.label, NEW.counterparty_name, NEW.counterparty_iban)
    IS DISTINCT FROM (OLD.import_id, OLD.account_id, OLD.position, OLD.fingerprint, OLD.booked_on, OLD.amount, OLD.currency, OLD.label, OLD.counterparty_name, OLD.counterparty_iban) THEN
    PERFORM coin.refuse('bank_line_stays', 'What the bank said stays as it said it.', 'Undo the import, and import the right file.');
  ELSIF (NEW.state = 'matched') <> (OLD.state = 'matched') AND pg_trigger_depth() < 2 THEN
    PERFORM coin.refuse('bank_line_follows', 'Whether a bank line is matched follows from its payments.', 'Settle it, or take it back.');
  END IF;
  RETURN NEW;
END $$;

DROP TRIGGER sepa_collection_frozen ON sepa_collection;
CREATE FUNCTION sepa_collection_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
DECLARE forgotten text[] := '{name,iban,bic}';
BEGIN
  IF NEW.name = '-' AND NEW.iban = 'XX0000000000000' AND NEW.bic = '' AND to_jsonb(NEW) - forgotten = to_jsonb(OLD) - forgotten
    AND EXISTS (SELECT FROM sepa_batch b WHERE b.id = OLD.batch_id AND b.collect_on < coin.today() - interval '10 years') THEN
    RETURN NEW;
  END IF;
  PERFORM coin.refuse('sepa_stays', 'What was collected stays as the bank was told.', 'Cancel the batch while the bank does not have it, or record a return.');
END $$;
CREATE TRIGGER sepa_collection_frozen BEFORE UPDATE ON sepa_collection FOR EACH ROW
  WHEN ((NEW.id, NEW.batch_id, NEW.member_id, NEW.mandate_id, NEW.amount, NEW.end_to_end_id, NEW.sequence, NEW.reference, NEW.signed_on, NEW.name, NEW.iban, NEW.bic)
      IS DISTINCT FROM (OLD.id, OLD.batch_id, OLD.member_id, OLD.mandate_id, OLD.amount, OLD.end_to_end_id, OLD.sequence, OLD.reference, OLD.signed_on, OLD.name, OLD.iban, OLD.bic)
    OR (NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (('pending', 'collected'), ('pending', 'returned'), ('pending', 'cancelled'), ('collected', 'returned'), ('returned', 'collected'))))
  EXECUTE FUNCTION sepa_collection_stays();

CREATE OR REPLACE FUNCTION sepa_mandate_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
BEGIN
  IF OLD.state = 'revoked' AND NEW.state = 'active' THEN
    PERFORM coin.refuse('sepa_mandate_ended', 'A mandate that has ended stays so.', 'Record the mandate that the member signs anew.');
  END IF;
  -- forgotten once nothing names the account any more that was collected by it
  IF OLD.state = 'revoked' AND NEW.name = '-' AND NEW.iban = 'XX0000000000000'
    AND (NEW.member_id, NEW.reference, NEW.signed_on) = (OLD.member_id, OLD.reference, OLD.signed_on)
    AND NOT EXISTS (SELECT FROM sepa_collection WHERE mandate_id = OLD.id AND name <> '-') THEN
    RETURN NEW;
  END IF;
  IF (NEW.member_id, NEW.iban) IS DISTINCT FROM (OLD.member_id, OLD.iban)
    OR ((NEW.reference, NEW.signed_on) IS DISTINCT FROM (OLD.reference, OLD.signed_on) AND EXISTS (SELECT FROM sepa_collection WHERE mandate_id = OLD.id)) THEN
    PERFORM coin.refuse('sepa_mandate_stays', 'A mandate stays as it was signed.', 'End it, and record the one that the member signs for the other account.', 'iban');
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION payment_of_collection_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
BEGIN
  IF NEW.reference = '' AND OLD.received_on < coin.today() - interval '10 years'
    AND (NEW.amount, NEW.currency, NEW.method, NEW.reverses_id) IS NOT DISTINCT FROM (OLD.amount, OLD.currency, OLD.method, OLD.reverses_id) THEN
    RETURN NEW;
  END IF;
  IF EXISTS (SELECT FROM sepa_collection WHERE payment_id = NEW.id OR payment_id = NEW.reverses_id) THEN
    PERFORM coin.refuse('payment_of_collection_stays', 'This payment comes from a direct debit: it stays as the bank was told.', 'Record that it was returned, or pay it back.', 'amount');
  END IF;
  RETURN NEW;
END $$;
