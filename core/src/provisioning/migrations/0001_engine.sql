-- What the engine keeps of each (configuration, backend), of each target, and of each sweep.
ALTER TABLE provisioning_state
  DROP CONSTRAINT provisioning_state_known,
  ADD CONSTRAINT provisioning_state_known CHECK (state IN ('in_sync', 'pending', 'drifted', 'failed', 'not_verifiable')),
  -- lanes are looked at one after the other, by one worker at a time
  ADD COLUMN lane smallint NOT NULL GENERATED ALWAYS AS (configuration_id & 15) STORED,
  -- raised by each change: what was done for an older one does not count as done
  ADD COLUMN asked bigint NOT NULL DEFAULT 1,
  -- when it is to be looked at; null: nothing to do
  ADD COLUMN due_at timestamptz DEFAULT now(),
  -- of a drifted one: [{path, from, to}], secrets masked
  ADD COLUMN difference jsonb,
  -- when people were told that it fails
  ADD COLUMN told_at timestamptz;
UPDATE provisioning_state SET due_at = NULL WHERE state = 'in_sync';
-- a place out there belongs to one configuration at a time; who wants it waits until it is let go
CREATE UNIQUE INDEX provisioning_state_place ON provisioning_state (backend, key) WHERE key IS NOT NULL;
CREATE INDEX provisioning_state_due ON provisioning_state (backend, lane, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX provisioning_state_overview ON provisioning_state (backend, state, configuration_id);
DROP INDEX provisioning_state_failed;
ALTER TABLE provisioning_state SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

-- One row per backend that was ever opened.
CREATE TABLE provisioning_target (
  backend text PRIMARY KEY,
  -- since when it does not answer; null while it does
  down_since timestamptz,
  error text,
  attempts int NOT NULL DEFAULT 0,
  -- when it is tried again
  probe_at timestamptz,
  told_at timestamptz,
  answered_at timestamptz
);

-- A full comparison of a target with what should be there.
CREATE TABLE provisioning_sweep (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  backend text NOT NULL,
  -- what it may put right
  heal text NOT NULL CONSTRAINT provisioning_sweep_heal CHECK (heal IN ('all', 'configurations', 'none')),
  -- a person has seen that it removes much, or that the target is empty, and wants it
  confirmed boolean NOT NULL DEFAULT false,
  asked_by text NOT NULL,
  asked_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  ended_at timestamptz,
  status text NOT NULL DEFAULT 'waiting' CONSTRAINT provisioning_sweep_status CHECK (status IN ('waiting', 'running', 'done', 'asks', 'failed')),
  -- configurations that should be compared, and how many were
  total int NOT NULL DEFAULT 0,
  compared int NOT NULL DEFAULT 0,
  -- entries of the target
  listed int NOT NULL DEFAULT 0,
  in_sync int NOT NULL DEFAULT 0,
  -- changing at this moment, so not judged
  changing int NOT NULL DEFAULT 0,
  differing int NOT NULL DEFAULT 0,
  missing int NOT NULL DEFAULT 0,
  -- there, though its configuration wants nothing there
  unwanted int NOT NULL DEFAULT 0,
  orphaned int NOT NULL DEFAULT 0,
  healed int NOT NULL DEFAULT 0,
  -- why it failed, or what it asks
  message text
);
CREATE INDEX provisioning_sweep_latest ON provisioning_sweep (backend, id DESC);
CREATE UNIQUE INDEX provisioning_sweep_one ON provisioning_sweep (backend) WHERE status IN ('waiting', 'running');

-- What is in a target and is explained by no configuration, as of its last sweep.
CREATE TABLE provisioning_orphan (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  backend text NOT NULL,
  key text NOT NULL,
  -- secrets masked
  value jsonb,
  found_at timestamptz NOT NULL DEFAULT now(),
  -- the last sweep that saw it
  sweep_id bigint NOT NULL,
  CONSTRAINT provisioning_orphan_once UNIQUE (backend, key)
);
