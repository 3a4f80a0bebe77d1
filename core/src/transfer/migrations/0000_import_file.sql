-- Files of rows that people import: kept until they are applied, or for a day. What remains then says that it was done.
CREATE TABLE import_file (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- which kind all of it is; empty for what the file says
  kind text NOT NULL,
  name text NOT NULL CONSTRAINT import_file_name CHECK (char_length(name) BETWEEN 1 AND 200),
  hash text NOT NULL CONSTRAINT import_file_hash CHECK (hash ~ '^[0-9a-f]{64}$'),
  content bytea,
  state text NOT NULL DEFAULT 'checking' CONSTRAINT import_file_state CHECK (state IN ('checking', 'checked', 'applying', 'applied', 'failed', 'dropped')),
  -- who, with what that person may do, and in which language
  user_id text,
  actor jsonb NOT NULL,
  locale text NOT NULL,
  good_rows boolean NOT NULL DEFAULT false,
  -- it would have done something else than was shown, and did nothing
  moved boolean NOT NULL DEFAULT false,
  done integer NOT NULL DEFAULT 0,
  total integer NOT NULL DEFAULT 0,
  outcome jsonb,
  error jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  applied_at timestamptz,
  CONSTRAINT import_file_content CHECK (content IS NOT NULL OR state IN ('applied', 'failed', 'dropped')),
  CONSTRAINT import_file_checked CHECK (outcome IS NOT NULL OR state NOT IN ('checked', 'applying', 'applied'))
);
--> statement-breakpoint
CREATE INDEX import_file_applied ON import_file (hash) WHERE state = 'applied';
--> statement-breakpoint
CREATE INDEX import_file_age ON import_file (created_at) WHERE content IS NOT NULL;
