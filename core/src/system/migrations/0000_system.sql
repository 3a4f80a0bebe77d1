-- What every app stands on: row versions, the history of changes, and the outbox.
CREATE SCHEMA IF NOT EXISTS coin;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;

-- unaccent() is only STABLE because its dictionary can be replaced; ours never is, so indexes may use this one.
CREATE FUNCTION coin.fold(text) RETURNS text
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN lower(public.unaccent('public.unaccent'::regdictionary, $1));

-- Optimistic locking: each editable row has a version that every update raises.
CREATE FUNCTION coin.next_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.version := OLD.version + 1;
  RETURN NEW;
END $$;

-- Who acts: set by the application for its transaction, else the database role (psql).
CREATE FUNCTION coin.actor() RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(nullif(current_setting('coin.actor', true), '')::jsonb, jsonb_build_object('label', session_user))
$$;

CREATE TABLE coin.history (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  table_name text NOT NULL,
  row_id bigint NOT NULL,
  op text NOT NULL CHECK (op IN ('added', 'changed', 'removed')),
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  actor jsonb NOT NULL,
  -- {column: [before, after]}; a secret column has [null, null]
  changes jsonb NOT NULL
);
CREATE INDEX history_row ON coin.history (table_name, row_id, id DESC);

-- The columns that differ between two states of a row; the version is no change.
CREATE FUNCTION coin.changed_columns(before jsonb, after jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(array_agg(key ORDER BY key), '{}')
  FROM jsonb_object_keys(coalesce(before, '{}') || coalesce(after, '{}')) AS key
  WHERE key <> 'version' AND before -> key IS DISTINCT FROM after -> key
$$;

-- Row trigger: keeps the history of its table. Arguments: the columns whose values are secret.
CREATE FUNCTION coin.keep_history() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, coin, pg_temp AS $$
DECLARE
  before jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
  after jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
  secrets text[] := TG_ARGV[0:];
  changes jsonb;
BEGIN
  SELECT coalesce(jsonb_object_agg(key, CASE
      WHEN key = ANY (coalesce(secrets, '{}')) THEN '[null, null]'::jsonb
      ELSE jsonb_build_array(before -> key, after -> key) END), '{}')
    INTO changes FROM unnest(coin.changed_columns(before, after)) AS key;
  IF TG_OP = 'UPDATE' AND changes = '{}' THEN RETURN NULL; END IF;
  INSERT INTO coin.history (table_name, row_id, op, actor, changes) VALUES (
    TG_TABLE_NAME, (coalesce(after, before) ->> 'id')::bigint,
    CASE TG_OP WHEN 'INSERT' THEN 'added' WHEN 'UPDATE' THEN 'changed' ELSE 'removed' END, coin.actor(), changes);
  RETURN NULL;
END $$;

-- What changed and has not yet been told to those who want to know. Holds names of columns, never their values.
CREATE TABLE coin.outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  entity text NOT NULL,
  entity_id bigint NOT NULL,
  op text NOT NULL CHECK (op IN ('added', 'changed', 'removed')),
  changed text[] NOT NULL,
  configuration_id bigint,
  -- what a handler needs of a row that may be gone, without secrets: of a subnet its prefix and pool
  detail jsonb,
  -- true when TypeScript has already handled it inside the transaction that wrote it
  hooked boolean NOT NULL DEFAULT false,
  at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX outbox_unhooked ON coin.outbox (xid) WHERE NOT hooked;

-- One row per change and handler; removed in the transaction in which the handler acts.
CREATE TABLE coin.delivery (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  handler text NOT NULL,
  -- deliveries of one handler and key are handled together and in order
  key bigint NOT NULL,
  change jsonb NOT NULL,
  attempts int NOT NULL DEFAULT 0,
  error text,
  at timestamptz NOT NULL
);
CREATE INDEX delivery_handler ON coin.delivery (handler, key, id);

-- Row trigger: writes the change into the outbox. Arguments: the entity, the column that holds its
-- configuration's id ('' for none), then the columns copied into detail.
CREATE FUNCTION coin.write_outbox() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, coin, pg_temp AS $$
DECLARE
  before jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
  after jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
  row jsonb := coalesce(after, before);
  changed text[] := coin.changed_columns(before, after);
  detail jsonb;
BEGIN
  IF TG_OP = 'UPDATE' AND changed = '{}' THEN RETURN NULL; END IF;
  IF TG_NARGS > 2 THEN
    SELECT jsonb_object_agg(key, row -> key) INTO detail FROM unnest(TG_ARGV[2:]) AS key;
  END IF;
  INSERT INTO coin.outbox (entity, entity_id, op, changed, configuration_id, detail) VALUES (
    TG_ARGV[0], (row ->> 'id')::bigint,
    CASE TG_OP WHEN 'INSERT' THEN 'added' WHEN 'UPDATE' THEN 'changed' ELSE 'removed' END,
    changed, CASE WHEN TG_ARGV[1] <> '' THEN (row ->> TG_ARGV[1])::bigint END, detail);
  RETURN NULL;
END $$;

-- Mails are truth in the database; var/mail holds copies only.
CREATE TABLE coin.mail (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  recipient text NOT NULL,
  subject text NOT NULL,
  body text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  sent_at timestamptz,
  error text
);
CREATE INDEX mail_unsent ON coin.mail (id) WHERE sent_at IS NULL;

-- An error in words that a person can act on: the application reads code, field and values from
-- it, psql prints message and hint. SQLSTATE CN000 is ours.
CREATE FUNCTION coin.refuse(code text, message text, hint text DEFAULT '', field text DEFAULT '', detail jsonb DEFAULT '{}')
  RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'CN000', MESSAGE = message, HINT = hint, COLUMN = field, CONSTRAINT = code, DETAIL = detail::text;
END $$;

-- An address out of what somebody typed, or null: for searches that may be about something else.
CREATE FUNCTION coin.try_inet(text) RETURNS inet LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  RETURN btrim($1)::inet;
EXCEPTION WHEN invalid_text_representation THEN
  RETURN NULL;
END $$;

-- A moment out of what somebody typed, or null.
CREATE FUNCTION coin.try_moment(text) RETURNS timestamptz LANGUAGE plpgsql STABLE STRICT AS $$
BEGIN
  RETURN btrim($1)::timestamptz;
EXCEPTION WHEN data_exception THEN
  RETURN NULL;
END $$;
