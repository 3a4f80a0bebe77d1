-- An account that another member takes over begins anew: what the one before knows opens nothing, and where that one came from is not shown.
-- The addresses stay. A new login, because the old one names somebody else, and because the VPN server ends the session of a login that is gone.
CREATE FUNCTION vpn_begin_anew(configuration bigint) RETURNS void LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
BEGIN
  PERFORM FROM vpn WHERE id = configuration FOR UPDATE;
  IF NOT FOUND THEN RETURN; END IF;
  UPDATE vpn SET login = vpn_new_login(id), password_hash = NULL WHERE id = configuration;
  -- revoked by now, with the old login
  UPDATE vpn_certificate SET configuration_id = NULL WHERE configuration_id = configuration;
  DELETE FROM vpn_profile_link WHERE configuration_id = configuration;
  DELETE FROM vpn_session WHERE configuration_id = configuration;
END $$;

CREATE FUNCTION vpn_other_member() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
BEGIN
  PERFORM vpn_begin_anew(id) FROM configuration WHERE subscription_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER vpn_other_member AFTER UPDATE OF member_id ON subscription FOR EACH ROW WHEN (NEW.member_id IS DISTINCT FROM OLD.member_id)
  EXECUTE FUNCTION vpn_other_member();

CREATE FUNCTION vpn_other_subscription() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
BEGIN
  IF (SELECT member_id FROM subscription WHERE id = NEW.subscription_id) IS DISTINCT FROM (SELECT member_id FROM subscription WHERE id = OLD.subscription_id) THEN
    PERFORM vpn_begin_anew(NEW.id);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER vpn_other_subscription AFTER UPDATE OF subscription_id ON configuration FOR EACH ROW WHEN (NEW.subscription_id IS DISTINCT FROM OLD.subscription_id)
  EXECUTE FUNCTION vpn_other_subscription();

-- Which logins were given is not forgotten either: no writer makes one free again.
CREATE FUNCTION vpn_guard_login() RETURNS trigger LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
BEGIN
  PERFORM coin.refuse('vpn_login_kept', 'Which logins were given is kept for ever.', 'No login is given twice.');
  RETURN NULL;
END $$;
CREATE TRIGGER vpn_login_kept BEFORE UPDATE OR DELETE ON vpn_login FOR EACH ROW EXECUTE FUNCTION vpn_guard_login();
CREATE TRIGGER vpn_login_no_truncate BEFORE TRUNCATE ON vpn_login EXECUTE FUNCTION coin.no_truncate();
