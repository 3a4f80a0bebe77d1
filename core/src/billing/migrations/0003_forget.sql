-- An issued invoice stays as it is. Ten years later the law asks for it no longer: the name of whom it was for may be erased, and nothing else.
CREATE OR REPLACE FUNCTION invoice_frozen() RETURNS trigger LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
DECLARE
  mutable text[] := '{version,allocated,settled_on,disputed_on,dispute_reason,pdf_hash,mailed_at,document_error,document_attempts,document_retry_at}';
  forgotten text[] := mutable || '{member_snapshot,note}';
BEGIN
  IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - mutable = to_jsonb(OLD) - mutable AND (OLD.pdf_hash IS NULL OR NEW.pdf_hash = OLD.pdf_hash) THEN
    IF (NEW.allocated, NEW.settled_on) IS DISTINCT FROM (OLD.allocated, OLD.settled_on) AND pg_trigger_depth() < 2 THEN
      PERFORM coin.refuse('invoice_allocated_kept', 'What is paid of an invoice follows the payments.', 'Record or allocate a payment.');
    END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE' AND OLD.issued_on < coin.today() - interval '10 years' AND NEW.member_snapshot ->> 'name' = '' AND NEW.note = ''
    AND (NEW.allocated, NEW.settled_on, NEW.pdf_hash) IS NOT DISTINCT FROM (OLD.allocated, OLD.settled_on, OLD.pdf_hash)
    AND to_jsonb(NEW) - forgotten = to_jsonb(OLD) - forgotten THEN
    RETURN NEW;
  END IF;
  PERFORM coin.refuse_filled('invoice_frozen', 'Invoice {{number}} was issued: it stays as it is.', 'Make a credit note.', '', jsonb_build_object('number', OLD.number));
END $$;
