-- Second factors, passkeys, and what happened to accounts.
ALTER TABLE auth."user" ADD COLUMN two_factor_enabled boolean NOT NULL DEFAULT false;
-- true when it began with two factors: a password and a code, or a passkey that was unlocked
ALTER TABLE auth.session ADD COLUMN strong boolean NOT NULL DEFAULT false;
-- one account of a sign-in service belongs to one user
CREATE UNIQUE INDEX account_provider_key ON auth.account (provider_id, account_id);

-- The app that shows codes: its secret and the recovery codes that are left, both encrypted. Not verified while it is being set up.
CREATE TABLE auth.two_factor (
  id text PRIMARY KEY,
  user_id text NOT NULL UNIQUE REFERENCES auth."user" (id) ON DELETE CASCADE,
  secret text NOT NULL,
  backup_codes text NOT NULL,
  verified boolean NOT NULL DEFAULT false,
  failed_verification_count int NOT NULL DEFAULT 0,
  locked_until timestamptz
);

-- Digests of the codes of the last minutes: none is taken twice.
CREATE TABLE auth.used_code (
  user_id text NOT NULL REFERENCES auth."user" (id) ON DELETE CASCADE,
  digest text NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, digest)
);

CREATE TABLE auth.passkey (
  id text PRIMARY KEY,
  user_id text NOT NULL REFERENCES auth."user" (id) ON DELETE CASCADE,
  name text,
  public_key text NOT NULL,
  credential_id text NOT NULL UNIQUE,
  counter bigint NOT NULL,
  device_type text NOT NULL,
  backed_up boolean NOT NULL,
  transports text,
  aaguid text,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX passkey_by_user ON auth.passkey (user_id);

-- Sign-ins, failures and what changed in the security of an account. Written once; the history has each of them.
CREATE TABLE account_event (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  user_id text NOT NULL REFERENCES auth."user" (id) ON DELETE CASCADE,
  kind text NOT NULL,
  address text NOT NULL DEFAULT '',
  -- of the browser, or of the sign-in service
  detail text NOT NULL DEFAULT ''
);
CREATE INDEX account_event_by_user ON account_event (user_id, id DESC);
CREATE TRIGGER account_event_history AFTER INSERT OR UPDATE OR DELETE ON account_event FOR EACH ROW EXECUTE FUNCTION coin.keep_history();
