-- A reminder stays as it was sent. What it said to somebody who has left may be erased: all of it, and nothing else.
CREATE OR REPLACE FUNCTION reminder_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
DECLARE forgotten text[] := '{mail_id,fee_invoice_id,recipient,subject,body}';
BEGIN
  IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - '{mail_id,fee_invoice_id}'::text[] = to_jsonb(OLD) - '{mail_id,fee_invoice_id}'::text[] THEN RETURN NEW; END IF;
  IF TG_OP = 'UPDATE' AND (NEW.recipient, NEW.subject, NEW.body) = ('', '', '') AND to_jsonb(NEW) - forgotten = to_jsonb(OLD) - forgotten THEN RETURN NEW; END IF;
  PERFORM coin.refuse('reminder_stays', 'A reminder that was sent stays as it was sent.');
END $$;
