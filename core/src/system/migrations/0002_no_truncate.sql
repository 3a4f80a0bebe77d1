-- TRUNCATE fires no row triggers: history and outbox would miss it, and nobody would be told.
CREATE FUNCTION coin.no_truncate() RETURNS trigger LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
BEGIN
  PERFORM coin.refuse('no_truncate', format('%s cannot be truncated: neither its history nor the network would know.', TG_TABLE_NAME), 'Use DELETE.');
  RETURN NULL;
END $$;
CREATE TRIGGER history_no_truncate BEFORE TRUNCATE ON coin.history EXECUTE FUNCTION coin.no_truncate();
CREATE TRIGGER outbox_no_truncate BEFORE TRUNCATE ON coin.outbox EXECUTE FUNCTION coin.no_truncate();
