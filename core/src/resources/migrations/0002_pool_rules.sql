-- The space of a pool: adding, growing, shrinking and removing its prefixes, and its reserved ranges.

-- A quarantine follows the address, not the row: space that comes (back) into a pool rests as long as
-- the history says, and is free otherwise.
CREATE FUNCTION coin.rest_again(pool bigint, space cidr) RETURNS void
  LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
DECLARE
  past record;
  block ip_block;
BEGIN
  FOR past IN
    SELECT a.prefix, max(upper(a.during)) + make_interval(days => p.quarantine_days) AS until
    FROM ip_assignment a, ip_pool p
    WHERE p.id = pool AND a.prefix <<= space AND NOT upper_inf(a.during)
      AND upper(a.during) > statement_timestamp() - make_interval(days => p.quarantine_days)
    GROUP BY a.prefix, p.quarantine_days ORDER BY masklen(a.prefix), a.prefix
  LOOP
    SELECT * INTO block FROM ip_block WHERE prefix <= past.prefix ORDER BY prefix DESC LIMIT 1 FOR UPDATE;
    IF NOT FOUND OR NOT block.prefix >>= past.prefix THEN CONTINUE; END IF;
    IF block.state = 'resting' THEN
      UPDATE ip_block SET rests_until = greatest(rests_until, past.until) WHERE prefix = block.prefix;
    ELSIF block.state = 'free' THEN
      UPDATE ip_block SET prefix = past.prefix, state = 'resting', rests_until = past.until, to_merge = NULL WHERE prefix = block.prefix;
      INSERT INTO ip_block (prefix, pool_id, pool_prefix_id, state)
        SELECT coin.buddy_block(set_masklen(past.prefix, level)), block.pool_id, block.pool_prefix_id, 'free'
        FROM generate_series(masklen(block.prefix) + 1, masklen(past.prefix)) AS level;
    END IF;
  END LOOP;
END $$;

-- Refuses when something in this space is taken or reserved; the caller holds the pool's lock.
CREATE FUNCTION coin.require_unused(space cidr, except_inside cidr, deed text) RETURNS void
  LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
DECLARE
  used record;
BEGIN
  SELECT count(*) FILTER (WHERE state = 'taken') AS taken, count(*) FILTER (WHERE state = 'reserved') AS reserved,
      (array_agg(prefix ORDER BY prefix))[1] AS first INTO used
    FROM ip_block WHERE prefix >= space AND prefix <= coin.last_address(space) AND state IN ('taken', 'reserved')
      AND (except_inside IS NULL OR NOT prefix <<= except_inside);
  IF used.first IS NOT NULL THEN
    PERFORM coin.refuse_filled('ip_prefix_in_use',
      CASE deed WHEN 'shrink' THEN '{{prefix}} cannot become {{wanted}}: subnets ({{taken}}) and reserved ranges ({{reserved}}) would be cut off, the first is {{first}}.'
        ELSE '{{prefix}} cannot be removed: subnets ({{taken}}) and reserved ranges ({{reserved}}) lie in it, the first is {{first}}.' END,
      'Release or change these first.', 'prefix',
      jsonb_build_object('wanted', except_inside, 'prefix', space, 'taken', used.taken, 'reserved', used.reserved, 'first', used.first));
  END IF;
END $$;

CREATE FUNCTION coin.check_pool_prefix() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
DECLARE
  pool ip_pool;
  other record;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW.id <> OLD.id OR NEW.pool_id <> OLD.pool_id THEN
      PERFORM coin.refuse_filled('ip_prefix_pool_fixed', '{{prefix}} cannot move to another pool.',
        'Remove it here, then add it there.', 'pool_id', jsonb_build_object('prefix', OLD.prefix));
    END IF;
    IF NEW.prefix = OLD.prefix THEN RETURN NEW; END IF;
    PERFORM coin.require_read_committed();
  END IF;
  SELECT * INTO pool FROM ip_pool WHERE id = NEW.pool_id;
  IF NOT FOUND THEN RETURN NEW; END IF;
  IF family(NEW.prefix) <> pool.family THEN
    PERFORM coin.refuse_filled('ip_prefix_family', '{{prefix}} is not IPv{{family}}, as pool "{{pool_name}}" is.',
      'A pool has one family: add the prefix to another pool.', 'prefix',
      jsonb_build_object('prefix', NEW.prefix, 'pool_id', pool.id, 'pool_name', pool.name, 'family', pool.family));
  END IF;
  SELECT x.id, x.prefix, x.pool_id, p.name INTO other FROM ip_pool_prefix x JOIN ip_pool p ON p.id = x.pool_id
    WHERE x.prefix && NEW.prefix AND x.id <> NEW.id ORDER BY x.prefix LIMIT 1;
  IF FOUND THEN
    PERFORM coin.refuse_filled('ip_prefix_overlap', '{{prefix}} overlaps {{overlaps}}, which belongs to pool "{{pool_name}}".',
      '', 'prefix', jsonb_build_object('prefix', NEW.prefix, 'overlaps', other.prefix, 'pool_id', other.pool_id, 'pool_name', other.name));
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ip_pool_prefix_check BEFORE INSERT OR UPDATE ON ip_pool_prefix FOR EACH ROW EXECUTE FUNCTION coin.check_pool_prefix();

CREATE FUNCTION coin.shape_pool_prefix() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
DECLARE
  block ip_block;
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO ip_block (prefix, pool_id, pool_prefix_id, state) VALUES (NEW.prefix, NEW.pool_id, NEW.id, 'free');
    PERFORM coin.rest_again(NEW.pool_id, NEW.prefix);
    RETURN NULL;
  END IF;
  IF TG_OP = 'UPDATE' AND NEW.prefix = OLD.prefix THEN RETURN NULL; END IF;
  PERFORM coin.require_read_committed();
  -- waits for those who are taking or freeing a block in this pool, and holds off the next ones
  PERFORM FROM ip_pool WHERE id = OLD.pool_id FOR UPDATE;
  IF TG_OP = 'DELETE' OR NOT NEW.prefix && OLD.prefix THEN
    PERFORM coin.require_unused(OLD.prefix, NULL, 'remove');
    -- resting blocks go: Coin no longer gives these addresses, the history keeps them, and they rest again if they come back
    DELETE FROM ip_block WHERE prefix >= OLD.prefix AND prefix <= coin.last_address(OLD.prefix);
    IF TG_OP = 'UPDATE' THEN
      INSERT INTO ip_block (prefix, pool_id, pool_prefix_id, state) VALUES (NEW.prefix, NEW.pool_id, NEW.id, 'free');
      PERFORM coin.rest_again(NEW.pool_id, NEW.prefix);
    END IF;
  ELSIF NEW.prefix >> OLD.prefix THEN
    INSERT INTO ip_block (prefix, pool_id, pool_prefix_id, state)
      SELECT coin.buddy_block(set_masklen(OLD.prefix, level)), NEW.pool_id, NEW.id, 'free'
      FROM generate_series(masklen(NEW.prefix) + 1, masklen(OLD.prefix)) AS level;
    PERFORM coin.rest_again(NEW.pool_id, NEW.prefix);
    UPDATE ip_block SET to_merge = pg_current_xact_id() WHERE prefix = OLD.prefix AND state = 'free';
  ELSE
    PERFORM coin.require_unused(OLD.prefix, NEW.prefix, 'shrink');
    SELECT * INTO block FROM ip_block WHERE prefix <= NEW.prefix ORDER BY prefix DESC LIMIT 1;
    IF block.prefix >> NEW.prefix THEN
      UPDATE ip_block SET prefix = NEW.prefix, to_merge = NULL WHERE prefix = block.prefix;
    END IF;
    DELETE FROM ip_block WHERE prefix >= OLD.prefix AND prefix <= coin.last_address(OLD.prefix) AND NOT prefix <<= NEW.prefix;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER ip_pool_prefix_shape AFTER INSERT OR UPDATE OR DELETE ON ip_pool_prefix FOR EACH ROW EXECUTE FUNCTION coin.shape_pool_prefix();

CREATE FUNCTION coin.check_pool() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
DECLARE
  taken bigint;
  offers text[];
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW.family <> OLD.family AND EXISTS (SELECT FROM ip_pool_prefix WHERE pool_id = OLD.id) THEN
      PERFORM coin.refuse_filled('ip_pool_family_fixed', 'Pool "{{pool_name}}" has prefixes: its family cannot change.',
        'Remove its prefixes first, or add another pool.', 'family', jsonb_build_object('pool_id', OLD.id, 'pool_name', OLD.name));
    END IF;
    RETURN NEW;
  END IF;
  SELECT count(*) INTO taken FROM ip_subnet WHERE pool_id = OLD.id;
  IF taken > 0 THEN
    PERFORM coin.refuse_filled('ip_pool_in_use', 'Pool "{{pool_name}}" cannot be removed: subnets are taken in it ({{taken}}).',
      'Release them first.', '', jsonb_build_object('pool_id', OLD.id, 'pool_name', OLD.name, 'taken', taken, 'offers', ''));
  END IF;
  SELECT array_agg(o.name ORDER BY o.name) INTO offers FROM offer_pool x JOIN offer o ON o.id = x.offer_id WHERE x.pool_id = OLD.id;
  IF offers IS NOT NULL THEN
    PERFORM coin.refuse_filled('ip_pool_in_use', 'Pool "{{pool_name}}" cannot be removed: offers draw from it ({{offers}}).',
      'Take it out of these offers first.', '', jsonb_build_object('pool_id', OLD.id, 'pool_name', OLD.name, 'taken', 0, 'offers', array_to_string(offers, ', ')));
  END IF;
  DELETE FROM ip_reserved WHERE pool_id = OLD.id;
  RETURN OLD;
END $$;
CREATE TRIGGER ip_pool_check BEFORE UPDATE OR DELETE ON ip_pool FOR EACH ROW EXECUTE FUNCTION coin.check_pool();

CREATE FUNCTION coin.check_offer_pool() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
DECLARE
  pool ip_pool;
BEGIN
  SELECT * INTO pool FROM ip_pool WHERE id = NEW.pool_id;
  PERFORM coin.require_length(pool, NEW.prefix_length);
  RETURN NEW;
END $$;

-- Refuses a length that the pool's family does not have.
CREATE FUNCTION coin.require_length(pool ip_pool, length int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF length NOT BETWEEN 1 AND (CASE pool.family WHEN 4 THEN 32 ELSE 128 END) THEN
    PERFORM coin.refuse_filled('ip_prefix_length', '/{{prefix_length}} is not a length of an IPv{{family}} prefix.',
      CASE pool.family WHEN 4 THEN 'Between 1 and 32.' ELSE 'Between 1 and 128.' END, 'prefix_length',
      jsonb_build_object('prefix_length', length, 'family', pool.family, 'pool_id', pool.id, 'pool_name', pool.name));
  END IF;
END $$;
CREATE TRIGGER offer_pool_check BEFORE INSERT OR UPDATE ON offer_pool FOR EACH ROW EXECUTE FUNCTION coin.check_offer_pool();

-- The pool of a given prefix; refuses what lies in none, or not in the pool asked for.
CREATE FUNCTION coin.pool_of(wanted cidr, pool bigint, code text) RETURNS bigint
  LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
DECLARE
  place record;
  spaces text;
  asked text;
BEGIN
  SELECT x.pool_id, x.prefix, p.name INTO place FROM ip_pool_prefix x JOIN ip_pool p ON p.id = x.pool_id WHERE x.prefix >>= wanted;
  IF place.pool_id = coalesce(pool, place.pool_id) THEN RETURN place.pool_id; END IF;
  SELECT string_agg(x.prefix::text, ', ' ORDER BY x.prefix) INTO spaces FROM (
    SELECT prefix FROM ip_pool_prefix WHERE CASE WHEN pool IS NULL THEN family(prefix) = family(wanted) ELSE pool_id = pool END ORDER BY prefix LIMIT 8) AS x;
  SELECT name INTO asked FROM ip_pool WHERE id = pool;
  PERFORM coin.refuse_filled(code, CASE WHEN asked IS NULL THEN '{{prefix}} lies in no pool.' ELSE '{{prefix}} lies outside pool "{{pool_name}}".' END,
    CASE WHEN place.pool_id IS NOT NULL THEN 'It lies in pool "{{found_pool_name}}" ({{found_prefix}}).'
      WHEN spaces IS NOT NULL THEN 'It must lie inside {{prefixes}}.'
      WHEN pool IS NULL THEN 'There is no IPv{{family}} pool yet: add one first.' ELSE 'That pool has no prefix yet.' END,
    'prefix', jsonb_build_object('prefix', wanted, 'family', family(wanted), 'pool_id', pool, 'pool_name', asked,
      'found_pool_id', place.pool_id, 'found_pool_name', place.name, 'found_prefix', place.prefix, 'prefixes', spaces));
  RETURN NULL;
END $$;

-- A reserved range is a block in a state of its own.
CREATE FUNCTION coin.place_reserved() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
DECLARE
  in_the_way cidr;
  state_there text;
BEGIN
  IF TG_OP <> 'INSERT' AND (TG_OP = 'DELETE' OR NEW.prefix <> OLD.prefix OR NEW.pool_id <> OLD.pool_id OR NEW.id <> OLD.id) THEN
    PERFORM coin.require_read_committed();
    PERFORM FROM ip_pool WHERE id = OLD.pool_id FOR KEY SHARE;
    UPDATE ip_block SET state = 'free', reserved_id = NULL, to_merge = pg_current_xact_id() WHERE prefix = OLD.prefix AND reserved_id = OLD.id;
    PERFORM coin.rest_again(OLD.pool_id, OLD.prefix);
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  IF TG_OP = 'UPDATE' AND NEW.prefix = OLD.prefix AND NEW.pool_id = OLD.pool_id AND NEW.id = OLD.id THEN RETURN NEW; END IF;
  PERFORM coin.require_read_committed();
  NEW.pool_id := coin.pool_of(NEW.prefix, NEW.pool_id, 'ip_reserved_outside_pool');
  PERFORM FROM ip_pool WHERE id = NEW.pool_id FOR KEY SHARE;
  in_the_way := coin.take_block(NEW.prefix, 'reserved', NEW.id);
  IF in_the_way IS NOT NULL THEN
    SELECT state INTO state_there FROM ip_block WHERE prefix = in_the_way;
    PERFORM coin.refuse_filled(CASE state_there WHEN 'taken' THEN 'ip_reserved_taken' ELSE 'ip_reserved_overlap' END,
      CASE state_there WHEN 'taken' THEN '{{prefix}} cannot be reserved: {{overlaps}} is taken.' ELSE '{{prefix}} cannot be reserved: {{overlaps}} is reserved already.' END,
      CASE state_there WHEN 'taken' THEN 'Release or change that subnet first.' ELSE 'Change that range instead.' END, 'prefix',
      jsonb_build_object('prefix', NEW.prefix, 'overlaps', in_the_way, 'state', state_there, 'pool_id', NEW.pool_id));
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ip_reserved_place BEFORE INSERT OR UPDATE OR DELETE ON ip_reserved FOR EACH ROW EXECUTE FUNCTION coin.place_reserved();

CREATE FUNCTION coin.refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM coin.refuse_filled('ip_no_truncate', '{{table}} cannot be truncated: its blocks would stay taken.', 'Use DELETE.', '',
    jsonb_build_object('table', TG_TABLE_NAME));
  RETURN NULL;
END $$;
CREATE TRIGGER ip_subnet_truncate BEFORE TRUNCATE ON ip_subnet EXECUTE FUNCTION coin.refuse_truncate();
CREATE TRIGGER ip_pool_prefix_truncate BEFORE TRUNCATE ON ip_pool_prefix EXECUTE FUNCTION coin.refuse_truncate();
CREATE TRIGGER ip_reserved_truncate BEFORE TRUNCATE ON ip_reserved EXECUTE FUNCTION coin.refuse_truncate();
