-- Who held which addresses, from when to when.

-- Bounds come from the clock and not from the start of the transaction, which may be older than the
-- end of the previous assignment; the block's lock is held, so that end is known.
CREATE FUNCTION coin.open_assignment(subnet ip_subnet) RETURNS void
  LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
DECLARE
  -- a variable, because no index serves a comparison with a volatile function
  moment timestamptz := clock_timestamp();
  since timestamptz;
  subscription bigint;
BEGIN
  SELECT max(upper(during)) INTO since FROM ip_assignment
    WHERE NOT upper_inf(during) AND upper(during) > moment AND prefix && subnet.prefix;
  -- locked one by one and then read, so that the holder recorded is still the holder when this commits
  SELECT subscription_id INTO subscription FROM configuration WHERE id = subnet.configuration_id FOR SHARE;
  PERFORM FROM subscription AS s WHERE s.id = subscription FOR SHARE;
  INSERT INTO ip_assignment (prefix, during, pool_id, subnet_id, configuration_id, subscription_id, subscription_reference, member_id, member_name)
    SELECT subnet.prefix, tstzrange(greatest(clock_timestamp(), since), NULL), subnet.pool_id, subnet.id, subnet.configuration_id, s.id, s.reference, m.id, m.display_name
    FROM subscription AS s JOIN member m ON m.id = s.member_id WHERE s.id = subscription;
  IF NOT FOUND THEN RAISE 'No member holds %.', subnet.prefix; END IF;
END $$;

CREATE FUNCTION coin.close_assignment(subnet bigint) RETURNS void LANGUAGE sql SET search_path = public, coin, pg_temp AS $$
  UPDATE ip_assignment SET during = tstzrange(lower(during), greatest(clock_timestamp(), lower(during) + interval '1 microsecond'))
  WHERE subnet_id = subnet AND upper_inf(during)
$$;

-- The constraints keep current assignments apart from each other, and past ones; this one past from current. What
-- Coin writes only ever begins at the end of the past, or ends; whoever rewrites the past does so alone.
CREATE FUNCTION coin.check_assignment() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.prefix = OLD.prefix AND NEW.during <@ OLD.during THEN RETURN NULL; END IF;
  IF NOT upper_inf(NEW.during) THEN LOCK TABLE ip_assignment IN SHARE ROW EXCLUSIVE MODE; END IF;
  IF EXISTS (SELECT FROM ip_assignment WHERE upper_inf(during) AND prefix && NEW.prefix AND during && NEW.during AND id <> NEW.id)
    OR EXISTS (SELECT FROM ip_assignment WHERE NOT upper_inf(during) AND upper(during) > lower(NEW.during) AND prefix && NEW.prefix
      AND during && NEW.during AND id <> NEW.id) THEN
    RAISE EXCEPTION USING ERRCODE = '23P01', CONSTRAINT = 'ip_assignment_overlap', TABLE = 'ip_assignment',
      MESSAGE = format('%s was held by somebody else during a part of %s.', NEW.prefix, NEW.during);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER ip_assignment_check AFTER INSERT OR UPDATE ON ip_assignment FOR EACH ROW EXECUTE FUNCTION coin.check_assignment();

CREATE FUNCTION coin.keep_assignment() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN PERFORM coin.close_assignment(OLD.id); END IF;
  IF TG_OP <> 'DELETE' THEN PERFORM coin.open_assignment(NEW); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER ip_subnet_assignment AFTER INSERT OR DELETE ON ip_subnet FOR EACH ROW EXECUTE FUNCTION coin.keep_assignment();
CREATE TRIGGER ip_subnet_reassignment AFTER UPDATE ON ip_subnet FOR EACH ROW
  WHEN (OLD.prefix <> NEW.prefix OR OLD.configuration_id <> NEW.configuration_id) EXECUTE FUNCTION coin.keep_assignment();

-- The subscription of a configuration, or the member of a subscription, changes: so does the holder.
CREATE FUNCTION coin.reassign_addresses() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
DECLARE
  subnet ip_subnet;
BEGIN
  FOR subnet IN
    SELECT n.* FROM ip_subnet n JOIN configuration c ON c.id = n.configuration_id
    WHERE CASE TG_TABLE_NAME WHEN 'configuration' THEN c.id = NEW.id ELSE c.subscription_id = NEW.id END ORDER BY n.prefix
  LOOP
    PERFORM coin.close_assignment(subnet.id);
    PERFORM coin.open_assignment(subnet);
  END LOOP;
  RETURN NULL;
END $$;
CREATE TRIGGER configuration_reassign AFTER UPDATE OF subscription_id ON configuration FOR EACH ROW
  WHEN (OLD.subscription_id <> NEW.subscription_id) EXECUTE FUNCTION coin.reassign_addresses();
CREATE TRIGGER subscription_reassign AFTER UPDATE OF member_id ON subscription FOR EACH ROW
  WHEN (OLD.member_id <> NEW.member_id) EXECUTE FUNCTION coin.reassign_addresses();

-- Who held this address (or any part of this prefix) at this moment.
CREATE FUNCTION ip_holder_at(address inet, moment timestamptz DEFAULT now()) RETURNS SETOF ip_assignment LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT * FROM ip_assignment WHERE prefix && address AND during @> moment ORDER BY prefix;
END;

-- Removes assignments that ended longer ago than the legal term, at most so many; call again while it returns as many.
CREATE FUNCTION ip_purge_history(term interval, at_most int DEFAULT 10000) RETURNS int LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  purged int;
BEGIN
  DELETE FROM ip_assignment WHERE id = ANY (ARRAY(
    SELECT id FROM ip_assignment WHERE NOT upper_inf(during) AND upper(during) < now() - term ORDER BY upper(during) LIMIT at_most FOR UPDATE SKIP LOCKED));
  GET DIAGNOSTICS purged = ROW_COUNT;
  RETURN purged;
END $$;

-- How full the pools are, in addresses. Taken is what is left of the total, so that the many taken blocks are not counted.
CREATE VIEW ip_pool_usage AS
  SELECT p.id AS pool_id, total.addresses AS addresses, total.addresses - used.free - used.resting - used.reserved AS taken,
    used.free, used.resting, used.reserved, largest.prefix AS largest_free, next_free.prefix AS next_free, rest.first_end AS resting_until
  FROM ip_pool p
  CROSS JOIN LATERAL (SELECT coalesce(sum(coin.address_count(prefix)), 0) AS addresses FROM ip_pool_prefix WHERE pool_id = p.id) AS total
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(addresses) FILTER (WHERE state = 'free'), 0) AS free, coalesce(sum(addresses) FILTER (WHERE state = 'resting'), 0) AS resting,
      coalesce(sum(addresses) FILTER (WHERE state = 'reserved'), 0) AS reserved
    FROM (
      SELECT 'free' AS state, count(*) * coin.address_count(p.family, masklen(prefix)) AS addresses
      FROM ip_block WHERE pool_id = p.id AND state = 'free' GROUP BY masklen(prefix)
      UNION ALL
      SELECT state, count(*) * coin.address_count(p.family, masklen(prefix))
      FROM ip_block WHERE pool_id = p.id AND state IN ('resting', 'reserved') GROUP BY state, masklen(prefix)) AS counts) AS used
  LEFT JOIN LATERAL (SELECT prefix FROM ip_block WHERE pool_id = p.id AND state = 'free' ORDER BY masklen(prefix), prefix LIMIT 1) AS largest ON true
  LEFT JOIN LATERAL (SELECT ip_next_free(p.id, p.default_prefix_length) AS prefix) AS next_free ON true
  LEFT JOIN LATERAL (SELECT min(rests_until) AS first_end FROM ip_block WHERE pool_id = p.id AND state = 'resting') AS rest ON true;
