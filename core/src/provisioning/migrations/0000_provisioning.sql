-- What is known of each (configuration, backend). It outlives the configuration, until what was there is removed.
CREATE TABLE provisioning_state (
  configuration_id bigint NOT NULL,
  backend text NOT NULL,
  -- where it lives out there; null while nothing does
  key text,
  state text NOT NULL DEFAULT 'pending' CONSTRAINT provisioning_state_known CHECK (state IN ('in_sync', 'pending', 'failed')),
  error text,
  attempts int NOT NULL DEFAULT 0,
  -- since when it has had this state
  since timestamptz NOT NULL DEFAULT now(),
  checked_at timestamptz,
  PRIMARY KEY (configuration_id, backend)
);
CREATE INDEX provisioning_state_failed ON provisioning_state (backend, since) WHERE state = 'failed';

-- What an app's onSubnetEvent said to a change that was made outside of Coin: it could no longer be refused.
CREATE TABLE provisioning_refusal (
  configuration_id bigint PRIMARY KEY REFERENCES configuration (id) ON DELETE CASCADE,
  message text NOT NULL,
  hint text NOT NULL DEFAULT '',
  since timestamptz NOT NULL DEFAULT now()
);
