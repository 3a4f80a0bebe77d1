-- A VPN account: one configuration that a member signs in to with a login and a password.
CREATE TABLE vpn (
  id bigint PRIMARY KEY NOT NULL,
  type text NOT NULL DEFAULT 'vpn' CONSTRAINT vpn_type CHECK (type = 'vpn'),
  -- left empty, it is made: <username>-vpnN. At most 64 characters, so that it fits into a certificate; lower case, because directories
  -- see no difference
  login text NOT NULL DEFAULT '' CONSTRAINT vpn_login_key UNIQUE
    CONSTRAINT vpn_login_form CHECK (login ~ '^[a-z0-9][a-z0-9._@-]{0,63}$'),
  activated boolean NOT NULL DEFAULT true,
  -- with the scheme in front, as a directory keeps it
  password_hash text CONSTRAINT vpn_password_hashed CHECK (password_hash ~ '^\{[A-Z0-9][A-Z0-9-]*\}\S{8,}$' AND password_hash !~ '^\{CLEARTEXT\}'),
  password_made_at timestamptz,
  -- the addresses of the member's end of the tunnel. Unique at the end of a transaction, so that two accounts can exchange subnets
  ipv4_endpoint inet CONSTRAINT vpn_ipv4_endpoint_family CHECK (family(ipv4_endpoint) = 4 AND masklen(ipv4_endpoint) = 32)
    CONSTRAINT vpn_ipv4_endpoint_key UNIQUE DEFERRABLE INITIALLY DEFERRED,
  ipv6_endpoint inet CONSTRAINT vpn_ipv6_endpoint_family CHECK (family(ipv6_endpoint) = 6 AND masklen(ipv6_endpoint) = 128)
    CONSTRAINT vpn_ipv6_endpoint_key UNIQUE DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT vpn_configuration FOREIGN KEY (id, type) REFERENCES configuration (id, type) ON DELETE CASCADE
);

-- Every login that was ever given, and to which configuration. Rows stay when it is gone: no login is given twice.
CREATE TABLE vpn_login (
  login text PRIMARY KEY,
  configuration_id bigint NOT NULL,
  given_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE FUNCTION vpn_new_login(configuration bigint) RETURNS text LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
DECLARE
  stem text;
  n int := 1;
BEGIN
  SELECT left(m.username, 48) || '-vpn' INTO stem
    FROM configuration c JOIN subscription s ON s.id = c.subscription_id JOIN member m ON m.id = s.member_id WHERE c.id = configuration;
  -- the logins of one member are given one at a time, so that two accounts made at once get different ones
  PERFORM pg_advisory_xact_lock(hashtextextended('vpn.login:' || stem, 0));
  WHILE EXISTS (SELECT FROM vpn_login WHERE login = stem || n) LOOP n := n + 1; END LOOP;
  RETURN stem || n;
END $$;

-- What the tunnel's end gets by itself: the first address of the first IPv4 subnet, the second of the first IPv6 subnet.
CREATE FUNCTION vpn_first_endpoint(configuration bigint, wanted int) RETURNS inet LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT host(prefix)::inet + CASE WHEN wanted = 6 AND masklen(prefix) < 128 THEN 1 ELSE 0 END
  FROM ip_subnet WHERE configuration_id = configuration AND family(prefix) = wanted ORDER BY prefix LIMIT 1
$$;

CREATE FUNCTION vpn_kept_endpoint(configuration bigint, wanted int, address inet) RETURNS inet LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT CASE WHEN EXISTS (SELECT FROM ip_subnet WHERE configuration_id = configuration AND prefix >>= address) THEN address
    ELSE vpn_first_endpoint(configuration, wanted) END
$$;

CREATE FUNCTION vpn_prepare() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF coalesce(NEW.login, '') = '' THEN NEW.login := vpn_new_login(NEW.id); END IF;
    NEW.ipv4_endpoint := coalesce(NEW.ipv4_endpoint, vpn_first_endpoint(NEW.id, 4));
    NEW.ipv6_endpoint := coalesce(NEW.ipv6_endpoint, vpn_first_endpoint(NEW.id, 6));
  END IF;
  IF TG_OP = 'INSERT' OR NEW.login IS DISTINCT FROM OLD.login THEN
    INSERT INTO vpn_login (login, configuration_id) VALUES (NEW.login, NEW.id) ON CONFLICT DO NOTHING;
    IF NOT EXISTS (SELECT FROM vpn_login WHERE login = NEW.login AND configuration_id = NEW.id) THEN
      PERFORM coin.refuse_filled('vpn_login_given', 'The login {{login}} was given to another account.', 'No login is given twice. Leave it empty to get a new one.',
        'login', jsonb_build_object('login', NEW.login));
    END IF;
  END IF;
  IF TG_OP = 'INSERT' OR NEW.password_hash IS DISTINCT FROM OLD.password_hash THEN
    NEW.password_made_at := CASE WHEN NEW.password_hash IS NOT NULL THEN clock_timestamp() END;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER vpn_prepare BEFORE INSERT OR UPDATE ON vpn FOR EACH ROW EXECUTE FUNCTION vpn_prepare();

-- Endpoints lie inside the account's own subnets. Looked at when the transaction ends, so that both may change in any order.
CREATE FUNCTION vpn_check_endpoints() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
DECLARE
  account vpn;
  address inet;
  held text;
BEGIN
  SELECT * INTO account FROM vpn WHERE id = NEW.id;
  FOREACH address IN ARRAY ARRAY[account.ipv4_endpoint, account.ipv6_endpoint] LOOP
    CONTINUE WHEN address IS NULL OR EXISTS (SELECT FROM ip_subnet WHERE configuration_id = NEW.id AND prefix >>= address);
    SELECT string_agg(prefix::text, ', ' ORDER BY prefix) INTO held FROM ip_subnet WHERE configuration_id = NEW.id AND family(prefix) = family(address);
    PERFORM coin.refuse_filled('vpn_endpoint_outside', '{{address}} is outside the subnets of {{login}}.',
      CASE WHEN held IS NULL THEN 'It has no subnet of this family: leave the address empty.' ELSE 'Choose an address inside {{subnets}}.' END,
      format('ipv%s_endpoint', family(address)), jsonb_build_object('address', host(address), 'login', account.login, 'subnets', held));
  END LOOP;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER vpn_endpoints_inside AFTER INSERT OR UPDATE OF ipv4_endpoint, ipv6_endpoint ON vpn
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION vpn_check_endpoints();

-- When subnets change, whoever changes them, endpoints that are no longer inside are replaced and missing ones are given: in the same
-- transaction, so that the rule above never stands in the way of a change of subnets, and a plan that is rolled back has seen it.
CREATE FUNCTION vpn_keep_endpoints(configuration bigint) RETURNS void LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
BEGIN
  -- whoever chooses an endpoint at this moment is waited for; nothing is kept of a configuration that is being removed
  PERFORM FROM vpn WHERE id = configuration AND EXISTS (SELECT FROM configuration c WHERE c.id = vpn.id) FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN; END IF;
  UPDATE vpn SET ipv4_endpoint = vpn_kept_endpoint(id, 4, ipv4_endpoint), ipv6_endpoint = vpn_kept_endpoint(id, 6, ipv6_endpoint)
    WHERE id = configuration
      AND (ipv4_endpoint, ipv6_endpoint) IS DISTINCT FROM (vpn_kept_endpoint(id, 4, ipv4_endpoint), vpn_kept_endpoint(id, 6, ipv6_endpoint));
END $$;

CREATE FUNCTION vpn_subnet_changed() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN PERFORM vpn_keep_endpoints(OLD.configuration_id); END IF;
  IF TG_OP = 'INSERT' OR TG_OP = 'UPDATE' THEN PERFORM vpn_keep_endpoints(NEW.configuration_id); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER vpn_subnet_changed AFTER INSERT OR DELETE OR UPDATE OF prefix, configuration_id ON ip_subnet
  FOR EACH ROW EXECUTE FUNCTION vpn_subnet_changed();

-- What the VPN server tells of connections.
CREATE TABLE vpn_session (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  configuration_id bigint NOT NULL REFERENCES vpn (id) ON DELETE CASCADE,
  -- the server's name for it, unique among those of the account
  session text NOT NULL,
  since timestamptz NOT NULL,
  seen_at timestamptz NOT NULL,
  until timestamptz,
  remote inet,
  -- as the server counts: what came from the member, and what went there
  received bigint NOT NULL DEFAULT 0,
  sent bigint NOT NULL DEFAULT 0,
  CONSTRAINT vpn_session_once UNIQUE (configuration_id, session)
);
CREATE INDEX vpn_session_latest ON vpn_session (configuration_id, since DESC);
CREATE INDEX vpn_session_seen ON vpn_session (seen_at);

-- Links to a profile that work for some minutes without signing in, for a telephone. One for each account; only its hash is kept.
CREATE TABLE vpn_profile_link (
  configuration_id bigint PRIMARY KEY REFERENCES vpn (id) ON DELETE CASCADE,
  token_hash bytea NOT NULL CONSTRAINT vpn_profile_link_token UNIQUE,
  expires_at timestamptz NOT NULL
);
