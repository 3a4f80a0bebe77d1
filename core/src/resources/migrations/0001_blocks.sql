-- Blocks: a free one is split to give a smaller one, and merges with its buddy (the other half of the
-- same parent) when both are free. Nothing here ever reads more of a pool than it needs.
--
-- Locks, in this order:
--   1. the pool's row, FOR KEY SHARE, by whoever takes or frees a block; FOR UPDATE by who reshapes its prefixes;
--   2. the rows of blocks: who takes any block skips locked ones, and waits only when there is no other;
--   3. for merging, at the end of the transaction: the pool's merge lock (shared), then the parents of
--      the pairs, longest first. Two buddies freed at the same moment would otherwise never see each other.

-- The last address of a prefix, as a prefix: the greatest of all blocks inside it.
CREATE FUNCTION coin.last_address(prefix cidr) RETURNS cidr LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN network(set_masklen(broadcast(prefix), CASE family(prefix) WHEN 4 THEN 32 ELSE 128 END));

CREATE FUNCTION coin.address_count(family int, length int) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN trunc(2::numeric ^ (CASE family WHEN 4 THEN 32 ELSE 128 END - length));

CREATE FUNCTION coin.address_count(prefix cidr) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN coin.address_count(family(prefix), masklen(prefix));

CREATE FUNCTION coin.parent_block(prefix cidr) RETURNS cidr LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN set_masklen(prefix, masklen(prefix) - 1);

-- The upper half, by way of the broadcast address: IPv6 does not fit the arithmetic of inet.
CREATE FUNCTION coin.upper_half(prefix cidr) RETURNS cidr LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN network(set_masklen(broadcast(prefix), masklen(prefix) + 1));

CREATE FUNCTION coin.lower_half(prefix cidr) RETURNS cidr LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN set_masklen(prefix, masklen(prefix) + 1);

CREATE FUNCTION coin.buddy_block(prefix cidr) RETURNS cidr LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN CASE WHEN coin.lower_half(coin.parent_block(prefix)) = prefix
    THEN coin.upper_half(coin.parent_block(prefix)) ELSE coin.lower_half(coin.parent_block(prefix)) END;

-- Looking again after a wait needs a snapshot of its own, which only READ COMMITTED gives.
CREATE FUNCTION coin.require_read_committed() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
    PERFORM coin.refuse('ip_isolation', format('Subnets cannot be changed in a %s transaction.', upper(current_setting('transaction_isolation'))),
      'Use READ COMMITTED, which is the default.');
  END IF;
END $$;

-- coin.refuse with templates: {{names}} are filled from the detail, and the application translates the templates.
CREATE FUNCTION coin.refuse_filled(code text, template text, hint text, field text, detail jsonb) RETURNS void
  LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
DECLARE
  message text := template;
  advice text := hint;
  value record;
BEGIN
  FOR value IN SELECT * FROM jsonb_each_text(detail) LOOP
    message := replace(message, '{{' || value.key || '}}', coalesce(value.value, ''));
    advice := replace(advice, '{{' || value.key || '}}', coalesce(value.value, ''));
  END LOOP;
  PERFORM coin.refuse(code, message, advice, field, detail || jsonb_build_object('template', template, 'hint_template', hint));
END $$;

-- The pool's merge lock and the locks of pairs live in the same space of advisory locks.
CREATE FUNCTION coin.merge_lock_key(name text) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT
  RETURN hashtextextended('coin.ip_block:' || name, 0);

-- Merges the given free blocks of a pool with their buddies, as far up as it goes. Alone says that the
-- caller holds the pool's merge lock exclusively, so that no pair needs a lock of its own.
CREATE FUNCTION coin.merge_blocks(pool bigint, work cidr[], alone boolean) RETURNS void
  LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
DECLARE
  level int;
  parents cidr[];
  merged cidr[];
  locked cidr[];
BEGIN
  LOOP
    SELECT max(masklen(block)) INTO level FROM unnest(work) AS block;
    EXIT WHEN coalesce(level, 0) = 0;
    SELECT array_agg(DISTINCT coin.parent_block(block) ORDER BY coin.parent_block(block)) INTO parents
      FROM unnest(work) AS block WHERE masklen(block) = level;
    IF NOT alone THEN
      PERFORM pg_advisory_xact_lock(coin.merge_lock_key(parent::text)) FROM unnest(parents) AS parent;
    END IF;
    -- a fresh statement: it sees what the former holders of these locks committed
    WITH halves AS MATERIALIZED (
      SELECT b.prefix, b.pool_prefix_id FROM ip_block b
      WHERE b.prefix = ANY (ARRAY(SELECT coin.lower_half(parent) FROM unnest(parents) AS parent
          UNION ALL SELECT coin.upper_half(parent) FROM unnest(parents) AS parent))
        AND b.state = 'free' AND b.pool_id = pool
      ORDER BY b.prefix FOR UPDATE SKIP LOCKED)
    SELECT (SELECT array_agg(parent) FROM (
        SELECT coin.parent_block(prefix) AS parent FROM halves GROUP BY 1
        HAVING count(*) = 2 AND min(pool_prefix_id) = max(pool_prefix_id)) AS whole),
      (SELECT array_agg(prefix) FROM halves) INTO merged, locked;
    IF merged IS NOT NULL THEN
      DELETE FROM ip_block WHERE prefix = ANY (ARRAY(SELECT coin.upper_half(parent) FROM unnest(merged) AS parent));
      UPDATE ip_block SET prefix = set_masklen(prefix, level - 1), to_merge = NULL
        WHERE prefix = ANY (ARRAY(SELECT coin.lower_half(parent) FROM unnest(merged) AS parent));
    END IF;
    -- a buddy that is still there and free is held by another transaction and may come back: the mark stays, and the next round looks again
    UPDATE ip_block b SET to_merge = NULL
      WHERE b.prefix = ANY (ARRAY(SELECT block FROM unnest(work) AS block WHERE masklen(block) = level INTERSECT SELECT unnest(locked)))
        AND b.to_merge IS NOT NULL
        AND NOT EXISTS (SELECT FROM ip_block buddy WHERE buddy.prefix = coin.buddy_block(b.prefix) AND buddy.state = 'free'
          AND buddy.pool_prefix_id = b.pool_prefix_id);
    work := ARRAY(SELECT block FROM unnest(work) AS block WHERE masklen(block) < level) || coalesce(merged, '{}');
  END LOOP;
END $$;

-- Takes the pool's merge lock: shared, and merging then locks pair by pair; or alone when there are so many
-- that the locks of pairs would fill the server's table. Returns whether alone.
CREATE FUNCTION coin.lock_merging(pool bigint, many boolean) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF many THEN PERFORM pg_advisory_xact_lock(coin.merge_lock_key('pool ' || pool));
  ELSE PERFORM pg_advisory_xact_lock_shared(coin.merge_lock_key('pool ' || pool));
  END IF;
  RETURN many;
END $$;

-- Blocks of a pool whose rest is over become free and are marked for merging; the caller holds the merge lock.
CREATE FUNCTION coin.end_rest(pool bigint, at_most int) RETURNS int
  LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
DECLARE
  ended int;
BEGIN
  WITH due AS MATERIALIZED (
    SELECT prefix FROM ip_block WHERE pool_id = pool AND state = 'resting' AND rests_until <= statement_timestamp()
    ORDER BY rests_until LIMIT at_most FOR UPDATE SKIP LOCKED)
  UPDATE ip_block SET state = 'free', rests_until = NULL, to_merge = pg_current_xact_id()
    WHERE prefix = ANY (ARRAY(SELECT prefix FROM due));
  GET DIAGNOSTICS ended = ROW_COUNT;
  RETURN ended;
END $$;

-- Ends what rests of a pool are over, at most so many, and merges all that is marked there. Returns how many ended.
CREATE FUNCTION coin.merge_pool(pool bigint, at_most int) RETURNS int
  LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
DECLARE
  alone boolean;
  ended int;
BEGIN
  alone := coin.lock_merging(pool, 32 < (SELECT count(*) FROM (
    (SELECT FROM ip_block WHERE pool_id = pool AND to_merge IS NOT NULL LIMIT 33) UNION ALL
    (SELECT FROM ip_block WHERE pool_id = pool AND state = 'resting' AND rests_until <= statement_timestamp() LIMIT least(33, at_most))) AS work));
  ended := coin.end_rest(pool, CASE WHEN alone THEN at_most ELSE least(32, at_most) END);
  PERFORM coin.merge_blocks(pool, ARRAY(SELECT prefix FROM ip_block WHERE pool_id = pool AND to_merge IS NOT NULL), alone);
  RETURN ended;
END $$;

-- At commit, so that the locks of pairs are held for a moment only.
CREATE FUNCTION coin.merge_freed_block() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
DECLARE
  work cidr[];
BEGIN
  -- the first call does the work of all, in the order of locks
  IF EXISTS (SELECT FROM ip_block WHERE prefix = NEW.prefix AND to_merge = NEW.to_merge) THEN
    work := ARRAY(SELECT prefix FROM ip_block WHERE pool_id = NEW.pool_id AND to_merge = NEW.to_merge);
    PERFORM coin.merge_blocks(NEW.pool_id, work, coin.lock_merging(NEW.pool_id, cardinality(work) > 32));
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ip_block_merge AFTER UPDATE ON ip_block DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.to_merge IS NOT NULL AND NEW.to_merge IS DISTINCT FROM OLD.to_merge) EXECUTE FUNCTION coin.merge_freed_block();

-- Frees and merges the blocks whose rest is over, at most so many; call again while it returns as many.
CREATE FUNCTION ip_end_rest(at_most int DEFAULT 1000) RETURNS int
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
DECLARE
  pool bigint;
  ended int := 0;
BEGIN
  PERFORM coin.require_read_committed();
  -- a pool that is being reshaped waits for the next time
  FOREACH pool IN ARRAY ARRAY(SELECT id FROM ip_pool ORDER BY id FOR KEY SHARE SKIP LOCKED) LOOP
    IF ended < at_most AND coin.may_merge(pool) THEN ended := ended + coin.merge_pool(pool, at_most - ended); END IF;
  END LOOP;
  RETURN ended;
END $$;

-- Whether there is anything in the pool that rests no longer or waits to be merged.
CREATE FUNCTION coin.may_merge(pool bigint) RETURNS boolean LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM ip_block WHERE pool_id = pool AND to_merge IS NOT NULL)
    OR EXISTS (SELECT FROM ip_block WHERE pool_id = pool AND state = 'resting' AND rests_until <= statement_timestamp())
$$;

-- Whether merging (rested blocks included) would yield a block of this length: tried under the pool's
-- merge lock, so that no merge is under way elsewhere, and undone, so that the lock is not kept.
CREATE FUNCTION coin.merging_would_help(pool bigint, length int) RETURNS boolean
  LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
DECLARE
  found_one boolean;
BEGIN
  IF coin.may_merge(pool) THEN
    BEGIN
      PERFORM coin.lock_merging(pool, true);
      PERFORM coin.end_rest(pool, 1000000);
      PERFORM coin.merge_blocks(pool, ARRAY(SELECT prefix FROM ip_block WHERE pool_id = pool AND to_merge IS NOT NULL), true);
      found_one := ip_next_free(pool, length) IS NOT NULL;
      RAISE EXCEPTION USING ERRCODE = 'CN001';
    EXCEPTION WHEN SQLSTATE 'CN001' THEN
      RETURN found_one;
    END;
  END IF;
  -- what was being merged a moment ago has perhaps just been committed
  RETURN ip_next_free(pool, length) IS NOT NULL;
END $$;

-- The block that would be given next: the lowest address of the smallest free block that suffices.
CREATE FUNCTION ip_next_free(pool bigint, length int) RETURNS cidr LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT set_masklen(prefix, length) FROM ip_block
  WHERE pool_id = pool AND state = 'free' AND masklen(prefix) <= length
  ORDER BY masklen(prefix) DESC, prefix LIMIT 1
$$;

-- Waits for whoever holds this block, but not for ever: another block may come free meanwhile. The slice
-- is longer than the server takes to find a deadlock. A lock_timeout of the caller's holds.
CREATE FUNCTION coin.await_block(block cidr) RETURNS void LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
DECLARE
  mine text := current_setting('lock_timeout');
  slice interval := current_setting('deadlock_timeout')::interval + interval '1 second';
BEGIN
  IF mine <> '0' AND mine::interval < slice THEN
    PERFORM FROM ip_block WHERE prefix = block FOR UPDATE;
    RETURN;
  END IF;
  BEGIN
    PERFORM set_config('lock_timeout', (extract(epoch FROM slice) * 1000)::bigint::text, true);
    PERFORM FROM ip_block WHERE prefix = block FOR UPDATE;
    PERFORM set_config('lock_timeout', mine, true);
  EXCEPTION WHEN lock_not_available THEN
    NULL;
  END;
END $$;

-- Locks a free block of the pool and returns the lowest prefix of this length in it; NULL when there is none.
CREATE FUNCTION coin.find_block(pool bigint, length int) RETURNS cidr
  LANGUAGE plpgsql SET search_path = public, coin, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off AS $$
DECLARE
  block cidr;
BEGIN
  PERFORM FROM ip_pool WHERE id = pool FOR KEY SHARE;
  LOOP
    SELECT prefix INTO block FROM ip_block
      WHERE pool_id = pool AND state = 'free' AND masklen(prefix) <= length
      ORDER BY masklen(prefix) DESC, prefix LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF FOUND THEN RETURN set_masklen(block, length); END IF;
    -- all that there is is being taken or merged by others: wait for one of them, then look again
    SELECT prefix INTO block FROM ip_block
      WHERE pool_id = pool AND state = 'free' AND masklen(prefix) <= length
      ORDER BY masklen(prefix) DESC, prefix LIMIT 1;
    IF FOUND THEN
      PERFORM coin.await_block(block);
    ELSIF coin.merging_would_help(pool, length) THEN
      PERFORM coin.merge_pool(pool, 1000000);
    ELSE
      RETURN NULL;
    END IF;
  END LOOP;
END $$;

-- Cuts this prefix out of a block that covers it and that the caller has locked. The rest keeps its state.
CREATE FUNCTION coin.cut_block(block ip_block, wanted cidr, holder text, holder_id bigint) RETURNS void
  LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
BEGIN
  UPDATE ip_block SET prefix = wanted, state = holder, rests_until = NULL, to_merge = NULL,
      subnet_id = CASE holder WHEN 'taken' THEN holder_id END, reserved_id = CASE holder WHEN 'reserved' THEN holder_id END
    WHERE prefix = block.prefix;
  IF block.prefix <> wanted THEN
    INSERT INTO ip_block (prefix, pool_id, pool_prefix_id, state, rests_until)
      SELECT coin.buddy_block(set_masklen(wanted, level)), block.pool_id, block.pool_prefix_id, block.state, block.rests_until
      FROM generate_series(masklen(block.prefix) + 1, masklen(wanted)) AS level;
  END IF;
END $$;

-- Takes exactly this prefix, free or resting, in one block or in pieces; returns NULL, or the prefix of
-- a taken or reserved block in the way. Waits for who is taking or freeing part of it.
CREATE FUNCTION coin.take_block(wanted cidr, holder text, holder_id bigint) RETURNS cidr
  LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
DECLARE
  block ip_block;
  pieces cidr[];
  in_the_way cidr;
BEGIN
  LOOP
    -- in the order of prefixes a block comes right before everything inside it, and blocks don't overlap
    SELECT * INTO block FROM ip_block WHERE prefix <= wanted ORDER BY prefix DESC LIMIT 1;
    IF FOUND AND block.prefix >>= wanted THEN
      IF block.state IN ('taken', 'reserved') THEN RETURN block.prefix; END IF;
      SELECT * INTO block FROM ip_block WHERE prefix = block.prefix AND state IN ('free', 'resting') FOR UPDATE;
      CONTINUE WHEN NOT FOUND;
      PERFORM coin.cut_block(block, wanted, holder, holder_id);
      RETURN NULL;
    END IF;
    SELECT prefix INTO in_the_way FROM ip_block
      WHERE prefix > wanted AND prefix <= coin.last_address(wanted) AND state IN ('taken', 'reserved') ORDER BY prefix LIMIT 1;
    IF FOUND THEN RETURN in_the_way; END IF;
    WITH locked AS MATERIALIZED (
      SELECT prefix FROM ip_block WHERE prefix > wanted AND prefix <= coin.last_address(wanted) AND state IN ('free', 'resting')
      ORDER BY prefix FOR UPDATE)
    SELECT array_agg(prefix ORDER BY prefix) INTO pieces FROM locked;
    -- had another split or merged them meanwhile, a fresh statement shows other pieces
    CONTINUE WHEN pieces IS DISTINCT FROM (SELECT array_agg(prefix ORDER BY prefix) FROM ip_block
      WHERE prefix >= wanted AND prefix <= coin.last_address(wanted));
    IF pieces IS NULL THEN
      PERFORM coin.refuse('ip_subnet_outside_pool', format('%s is in no pool.', wanted), '', 'prefix', jsonb_build_object('prefix', wanted));
    END IF;
    DELETE FROM ip_block WHERE prefix = ANY (pieces[2:]);
    UPDATE ip_block SET prefix = wanted, state = holder, rests_until = NULL, to_merge = NULL,
        subnet_id = CASE holder WHEN 'taken' THEN holder_id END, reserved_id = CASE holder WHEN 'reserved' THEN holder_id END
      WHERE prefix = pieces[1];
    RETURN NULL;
  END LOOP;
END $$;
