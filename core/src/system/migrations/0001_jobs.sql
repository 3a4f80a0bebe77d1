-- Workers that run: each holds the session lock of its id, so that a dead one is known at once.
CREATE TABLE coin.worker (
  id text PRIMARY KEY,
  host text NOT NULL,
  pid int NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now()
);

-- Up to which minute a job's schedule was looked at.
CREATE TABLE coin.schedule (
  job text PRIMARY KEY,
  looked_until timestamptz NOT NULL
);

-- The last day, in the provider's time zone, whose dated changes have been told. One row.
CREATE TABLE coin.clock (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  day date NOT NULL
);
