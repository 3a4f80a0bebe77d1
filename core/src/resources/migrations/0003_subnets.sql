-- Subnets: given or automatic, for every writer.

-- What is left in a pool, for a refusal.
CREATE FUNCTION coin.what_is_left(pool bigint) RETURNS jsonb LANGUAGE sql STABLE SET search_path = public, coin, pg_temp AS $$
  SELECT jsonb_build_object('pool_id', p.id, 'pool_name', p.name, 'family', p.family,
    'largest_free', (SELECT prefix FROM ip_block WHERE pool_id = p.id AND state = 'free' ORDER BY masklen(prefix), prefix LIMIT 1),
    'free', (SELECT coalesce(sum(blocks * coin.address_count(p.family, length)), 0) FROM (
      SELECT masklen(prefix) AS length, count(*) AS blocks FROM ip_block WHERE pool_id = p.id AND state = 'free' GROUP BY 1) AS f),
    'resting', r.addresses, 'resting_until', r.first_end)
  FROM ip_pool p, LATERAL (
    SELECT coalesce(sum(coin.address_count(prefix)), 0) AS addresses, min(rests_until) AS first_end
    FROM ip_block WHERE pool_id = p.id AND state = 'resting') AS r
  WHERE p.id = pool
$$;

CREATE FUNCTION coin.refuse_full(pools bigint[], length int) RETURNS void
  LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
DECLARE
  first_left jsonb := coin.what_is_left(pools[1]);
  everything jsonb;
  names text;
  largest cidr;
  resting numeric;
  until timestamptz;
BEGIN
  SELECT jsonb_agg(x.state), string_agg(format('"%s"', x.state ->> 'pool_name'), ', '), sum((x.state ->> 'resting')::numeric),
      min((x.state ->> 'resting_until')::timestamptz), (array_agg((x.state ->> 'largest_free')::cidr ORDER BY masklen((x.state ->> 'largest_free')::cidr)))[1]
    INTO everything, names, resting, until, largest
    FROM (SELECT coin.what_is_left(pool) AS state FROM unnest(pools) WITH ORDINALITY AS p (pool, place) ORDER BY place) AS x;
  PERFORM coin.refuse_filled('ip_pool_full',
    CASE WHEN cardinality(pools) = 1 THEN 'Pool "{{pool_name}}" has no free /{{prefix_length}} left.'
      ELSE 'None of the pools {{pool_names}} has a free block of the length asked for.' END,
    CASE WHEN largest IS NULL AND resting > 0 THEN 'Nothing is free. {{all_resting}} addresses rest, the first until {{rest_ends}}. Add a prefix to the pool.'
      WHEN largest IS NULL THEN 'Nothing is free. Add a prefix to the pool.'
      WHEN resting > 0 THEN 'The largest free block is {{largest}}. {{all_resting}} addresses rest, the first until {{rest_ends}}. Ask for a longer prefix, or add a prefix to the pool.'
      ELSE 'The largest free block is {{largest}}. Ask for a longer prefix, or add a prefix to the pool.' END,
    'pool_id', first_left || jsonb_build_object('prefix_length', length, 'pool_names', names, 'pools', everything, 'largest', largest,
      'all_resting', resting::text, 'rest_ends', to_char(until, 'YYYY-MM-DD HH24:MI')));
END $$;

-- Whose offer decides: the one of today, else the next to come.
CREATE FUNCTION coin.offer_of_configuration(configuration bigint) RETURNS bigint LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT o.offer_id FROM configuration c JOIN subscription_offer o ON o.subscription_id = c.subscription_id
  WHERE c.id = configuration AND (upper_inf(o.during) OR upper(o.during) > current_date) ORDER BY lower(o.during) LIMIT 1
$$;

-- Finds and locks a block for a configuration: in the pool asked for, else in its offer's pools by priority.
CREATE FUNCTION coin.choose_block(for_configuration bigint, wanted_family int, wanted_pool bigint, wanted_length int, OUT pool bigint, OUT block cidr)
  LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
DECLARE
  drawn_offer bigint;
  candidate record;
  tried bigint[] := '{}';
  length int;
BEGIN
  IF wanted_family NOT IN (4, 6) THEN
    PERFORM coin.refuse_filled('ip_family', 'IPv{{family}} does not exist.', 'The family is 4 or 6.', 'family', jsonb_build_object('family', wanted_family));
  END IF;
  drawn_offer := coin.offer_of_configuration(for_configuration);
  FOR candidate IN
    SELECT p.id, p.name, p.family, p AS row, coalesce(wanted_length, x.prefix_length, p.default_prefix_length) AS length
    FROM ip_pool p LEFT JOIN offer_pool x ON x.pool_id = p.id AND x.offer_id = drawn_offer
    WHERE CASE WHEN wanted_pool IS NULL THEN x.id IS NOT NULL AND p.family = coalesce(wanted_family, p.family) ELSE p.id = wanted_pool END
    ORDER BY x.priority, x.id
  LOOP
    IF candidate.family <> wanted_family THEN
      PERFORM coin.refuse_filled('ip_pool_family', 'Pool "{{pool_name}}" is IPv{{family}}.', 'Choose a pool of the family asked for.', 'pool_id',
        jsonb_build_object('pool_id', candidate.id, 'pool_name', candidate.name, 'family', candidate.family));
    END IF;
    PERFORM coin.require_length(candidate.row, candidate.length);
    length := candidate.length;
    pool := candidate.id;
    block := coin.find_block(pool, length);
    IF block IS NOT NULL THEN RETURN; END IF;
    tried := tried || pool;
  END LOOP;
  IF cardinality(tried) > 0 THEN PERFORM coin.refuse_full(tried, length); END IF;
  IF wanted_pool IS NOT NULL THEN
    PERFORM coin.refuse_filled('ip_pool_unknown', 'There is no pool {{pool_id}}.', '', 'pool_id', jsonb_build_object('pool_id', wanted_pool));
  END IF;
  IF NOT EXISTS (SELECT FROM configuration WHERE id = for_configuration) THEN
    PERFORM coin.refuse_filled('ip_subnet_configuration', 'There is no configuration {{configuration_id}}.', '', 'configuration_id',
      jsonb_build_object('configuration_id', for_configuration));
  END IF;
  PERFORM coin.refuse_filled('ip_pool_no_pool',
    CASE WHEN drawn_offer IS NULL THEN 'The subscription has no offer to draw addresses from.'
      WHEN wanted_family IS NULL THEN 'Offer "{{offer_name}}" draws from no pool.' ELSE 'Offer "{{offer_name}}" draws from no IPv{{family}} pool.' END,
    'Name a pool, or give the offer one.', 'pool_id', jsonb_build_object('configuration_id', for_configuration, 'offer_id', drawn_offer,
      'offer_name', (SELECT name FROM offer WHERE id = drawn_offer), 'family', wanted_family));
END $$;

-- Says in words why a prefix cannot be taken.
CREATE FUNCTION coin.refuse_taken(wanted cidr, pool bigint, in_the_way cidr) RETURNS void
  LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
DECLARE
  next_free cidr := ip_next_free(pool, masklen(wanted));
  detail jsonb := jsonb_build_object('prefix', wanted, 'prefix_length', masklen(wanted), 'overlaps', in_the_way, 'next_free', next_free,
    'pool_id', pool, 'pool_name', (SELECT name FROM ip_pool WHERE id = pool));
  reserved ip_reserved;
BEGIN
  SELECT r.* INTO reserved FROM ip_reserved r JOIN ip_block b ON b.reserved_id = r.id WHERE b.prefix = in_the_way;
  IF FOUND THEN
    PERFORM coin.refuse_filled('ip_subnet_reserved', CASE WHEN reserved.comment = '' THEN '{{prefix}} is reserved ({{overlaps}}).'
        ELSE '{{prefix}} is reserved ({{overlaps}}, {{comment}}).' END,
      CASE WHEN next_free IS NULL THEN 'The pool has no free /{{prefix_length}} left. Or remove the reserved range first.'
        ELSE 'The next free /{{prefix_length}} is {{next_free}}. Or remove the reserved range first.' END, 'prefix', detail || jsonb_build_object('reserved_id', reserved.id, 'comment', reserved.comment));
  END IF;
  PERFORM coin.refuse_filled('ip_subnet_overlap',
    CASE WHEN in_the_way = wanted THEN '{{prefix}} is taken already.'
      WHEN in_the_way >> wanted THEN '{{prefix}} is not free: {{overlaps}} already covers it.'
      ELSE '{{prefix}} is not free: {{overlaps}} lies inside it.' END,
    CASE WHEN next_free IS NULL THEN 'The pool has no free /{{prefix_length}} left.' ELSE 'The next free /{{prefix_length}} is {{next_free}}.' END,
    'prefix', detail || coalesce((
      SELECT jsonb_build_object('subnet_id', n.id, 'configuration_id', c.id, 'subscription_id', s.id, 'member_id', m.id, 'member_name', m.display_name)
      FROM ip_subnet n JOIN configuration c ON c.id = n.configuration_id JOIN subscription s ON s.id = c.subscription_id JOIN member m ON m.id = s.member_id
      WHERE n.prefix = in_the_way), '{}'));
END $$;

-- A freed block rests for its pool's quarantine, or is free and merges at the end of the transaction.
CREATE FUNCTION coin.release_block(subnet ip_subnet) RETURNS void
  LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
DECLARE
  days int;
BEGIN
  SELECT quarantine_days INTO days FROM ip_pool WHERE id = subnet.pool_id FOR KEY SHARE;
  UPDATE ip_block SET subnet_id = NULL,
      state = CASE days WHEN 0 THEN 'free' ELSE 'resting' END,
      rests_until = CASE WHEN days > 0 THEN clock_timestamp() + make_interval(days => days) END,
      to_merge = CASE days WHEN 0 THEN pg_current_xact_id() END
    WHERE prefix = subnet.prefix AND subnet_id = subnet.id;
END $$;

CREATE FUNCTION coin.place_subnet() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
DECLARE
  choice record;
  in_the_way cidr;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW.id <> OLD.id THEN
      PERFORM coin.refuse('ip_subnet_id_fixed', 'The id of a subnet cannot change.');
    END IF;
    IF NEW.prefix = OLD.prefix AND coalesce(NEW.pool_id, OLD.pool_id) = OLD.pool_id THEN
      NEW.pool_id := OLD.pool_id;
      RETURN NEW;
    END IF;
  END IF;
  PERFORM coin.require_read_committed();
  IF NEW.prefix IS NULL THEN
    -- for a change, a new block is found before the old one is freed, so that it is another one
    choice := coin.choose_block(NEW.configuration_id, NULL, NEW.pool_id, (SELECT default_prefix_length FROM ip_pool WHERE id = NEW.pool_id));
    NEW.pool_id := choice.pool;
    NEW.prefix := choice.block;
  ELSE
    NEW.pool_id := coin.pool_of(NEW.prefix, NEW.pool_id, 'ip_subnet_outside_pool');
    PERFORM FROM ip_pool WHERE id = NEW.pool_id FOR KEY SHARE;
  END IF;
  IF TG_OP = 'UPDATE' THEN PERFORM coin.release_block(OLD); END IF;
  in_the_way := coin.take_block(NEW.prefix, 'taken', NEW.id);
  IF in_the_way IS NOT NULL THEN PERFORM coin.refuse_taken(NEW.prefix, NEW.pool_id, in_the_way); END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ip_subnet_place BEFORE INSERT OR UPDATE ON ip_subnet FOR EACH ROW EXECUTE FUNCTION coin.place_subnet();

CREATE FUNCTION coin.release_subnet() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
BEGIN
  PERFORM coin.require_read_committed();
  PERFORM coin.release_block(OLD);
  RETURN NULL;
END $$;
CREATE TRIGGER ip_subnet_release AFTER DELETE ON ip_subnet FOR EACH ROW EXECUTE FUNCTION coin.release_subnet();

-- The outbox row of a subnet names its new configuration: the one that lost it must be told as well.
CREATE FUNCTION coin.tell_former_configuration() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, coin, pg_temp AS $$
BEGIN
  INSERT INTO coin.outbox (entity, entity_id, op, changed, configuration_id, detail) VALUES ('subnet', OLD.id, 'removed', '{configuration_id}',
    OLD.configuration_id, jsonb_build_object('id', OLD.id, 'prefix', OLD.prefix, 'pool_id', OLD.pool_id));
  RETURN NULL;
END $$;
CREATE TRIGGER ip_subnet_outbox_former AFTER UPDATE OF configuration_id ON ip_subnet FOR EACH ROW
  WHEN (OLD.configuration_id <> NEW.configuration_id) EXECUTE FUNCTION coin.tell_former_configuration();

-- Allocates a subnet: from the pool named, else from the pools of the configuration's offer by priority,
-- the next when one is full; of the length asked for, else the offer's, else the pool's.
CREATE FUNCTION allocate_subnet(configuration_id bigint, family int DEFAULT NULL, pool_id bigint DEFAULT NULL, prefix_length int DEFAULT NULL)
  RETURNS ip_subnet LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
#variable_conflict use_column
DECLARE
  choice record;
  given ip_subnet;
BEGIN
  PERFORM coin.require_read_committed();
  choice := coin.choose_block($1, $2, $3, $4);
  INSERT INTO ip_subnet (configuration_id, pool_id, prefix) VALUES ($1, choice.pool, choice.block) RETURNING * INTO given;
  RETURN given;
END $$;

-- One subnet for each family of the configuration's offer of which it has none yet.
CREATE FUNCTION allocate_initial_subnets(configuration_id bigint) RETURNS SETOF ip_subnet
  LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
#variable_conflict use_column
DECLARE
  wanted int;
BEGIN
  FOR wanted IN
    SELECT DISTINCT p.family FROM offer_pool x JOIN ip_pool p ON p.id = x.pool_id
    WHERE x.offer_id = coin.offer_of_configuration($1)
      AND NOT EXISTS (SELECT FROM ip_subnet s WHERE s.configuration_id = $1 AND s.family = p.family)
    ORDER BY p.family
  LOOP
    RETURN NEXT allocate_subnet($1, wanted);
  END LOOP;
END $$;

-- A new configuration gets its first subnets, unless its writer says that it brings its own:
-- SET LOCAL coin.initial_subnets = 'off'.
CREATE FUNCTION coin.give_initial_subnets() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
BEGIN
  IF coalesce(nullif(current_setting('coin.initial_subnets', true), ''), 'on') = 'on' THEN
    PERFORM allocate_initial_subnets(NEW.id);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER configuration_subnets AFTER INSERT ON configuration FOR EACH ROW EXECUTE FUNCTION coin.give_initial_subnets();
