-- Who is told of what fails for too long, and when targets are compared.

-- There is a row while people have been told that something fails, and not yet that all is well again.
CREATE TABLE provisioning_alert (
  single boolean PRIMARY KEY DEFAULT true CONSTRAINT provisioning_alert_single CHECK (single),
  since timestamptz NOT NULL DEFAULT now()
);

-- Up to when the schedule of a backend's sweeps was looked at.
CREATE TABLE provisioning_schedule (
  backend text PRIMARY KEY,
  looked_until timestamptz NOT NULL
);

-- What was told of a configuration goes to the outside as well, as a change: added when it fails for too long, removed when it does no more.
-- Without the configuration's id, which would have the network look at it again.
CREATE FUNCTION provisioning_told() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  op text := CASE WHEN TG_OP = 'UPDATE' AND NEW.told_at IS NOT NULL THEN 'added' ELSE 'removed' END;
BEGIN
  -- what is changed is told once: again is not a change
  IF TG_OP = 'UPDATE' AND OLD.told_at IS NOT NULL AND NEW.told_at IS NOT NULL THEN RETURN NULL; END IF;
  INSERT INTO coin.outbox (entity, entity_id, op, changed, detail)
  VALUES ('provisioning', OLD.configuration_id, op, '{}', jsonb_build_object('backend', OLD.backend, 'since', OLD.since,
    'error', coalesce(OLD.error, (SELECT error FROM provisioning_target t WHERE t.backend = OLD.backend AND t.down_since IS NOT NULL))));
  RETURN NULL;
END $$;
CREATE TRIGGER provisioning_told AFTER UPDATE OF told_at ON provisioning_state FOR EACH ROW
  WHEN (OLD.told_at IS DISTINCT FROM NEW.told_at AND OLD.configuration_id > 0) EXECUTE FUNCTION provisioning_told();
CREATE TRIGGER provisioning_told_gone AFTER DELETE ON provisioning_state FOR EACH ROW
  WHEN (OLD.told_at IS NOT NULL AND OLD.configuration_id > 0) EXECUTE FUNCTION provisioning_told();
CREATE INDEX provisioning_state_told ON provisioning_state (backend) WHERE told_at IS NOT NULL;
