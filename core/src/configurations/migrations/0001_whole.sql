-- A configuration has its row in the table of its type, whoever writes: half of one would hold addresses and show on no page.
-- Checked at commit, so that the two are added one after the other. A type without a table belongs to an app not installed yet.
CREATE FUNCTION coin.require_whole_configuration() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
DECLARE
  whole boolean;
BEGIN
  IF to_regclass('public.' || quote_ident(NEW.type)) IS NULL OR NOT EXISTS (SELECT FROM configuration WHERE id = NEW.id) THEN RETURN NULL; END IF;
  EXECUTE format('SELECT EXISTS (SELECT FROM public.%I WHERE id = $1)', NEW.type) INTO whole USING NEW.id;
  IF NOT whole THEN
    PERFORM coin.refuse('configuration_whole', format('A configuration of type %s has its row in the table %1$s.', NEW.type),
      'Add it in the same transaction, with the same id.');
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER configuration_whole AFTER INSERT ON configuration
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION coin.require_whole_configuration();

CREATE TRIGGER configuration_no_truncate BEFORE TRUNCATE ON configuration EXECUTE FUNCTION coin.no_truncate();

CREATE OR REPLACE FUNCTION coin.watch_configuration_table(table_name text, secrets text[] DEFAULT '{}') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE OR REPLACE TRIGGER coin_history AFTER INSERT OR UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION coin.keep_history(%s)',
    table_name, (SELECT string_agg(quote_literal(secret), ', ') FROM unnest(secrets) AS secret));
  EXECUTE format('CREATE OR REPLACE TRIGGER coin_outbox AFTER INSERT OR UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION coin.write_outbox(%L, %L)',
    table_name, 'configuration', 'id');
  EXECUTE format('CREATE OR REPLACE TRIGGER coin_remove_base AFTER DELETE ON %I FOR EACH ROW EXECUTE FUNCTION coin.remove_configuration()', table_name);
  EXECUTE format('CREATE OR REPLACE TRIGGER coin_no_truncate BEFORE TRUNCATE ON %I EXECUTE FUNCTION coin.no_truncate()', table_name);
END $$;
