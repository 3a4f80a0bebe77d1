-- Pages that show a state look again when it was committed. One notice for all of them, and one for each configuration while they are few.
CREATE FUNCTION provisioning_live() RETURNS trigger LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
BEGIN
  PERFORM pg_notify('coin_live', 'backends');
  PERFORM pg_notify('coin_live', 'configuration:' || configuration_id)
  FROM (SELECT DISTINCT configuration_id FROM changed ORDER BY configuration_id LIMIT 100) c;
  RETURN NULL;
END $$;
CREATE TRIGGER provisioning_live_added AFTER INSERT ON provisioning_state REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION provisioning_live();
CREATE TRIGGER provisioning_live_changed AFTER UPDATE ON provisioning_state REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION provisioning_live();
CREATE TRIGGER provisioning_live_removed AFTER DELETE ON provisioning_state REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION provisioning_live();
