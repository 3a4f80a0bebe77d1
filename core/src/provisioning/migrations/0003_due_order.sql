-- Of a lane with a hundred thousand due at the same moment, the next ones are found without looking at all of them.
CREATE INDEX provisioning_state_next ON provisioning_state (backend, lane, due_at, configuration_id) WHERE due_at IS NOT NULL;
DROP INDEX provisioning_state_due;
