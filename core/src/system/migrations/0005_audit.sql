-- The history as an audit log: committed entries are chained in batches, over salted digests, so that what was chained cannot be changed
-- unseen, and what the law lets go can still be erased. Chaining inside the transaction would put all writers in one queue.

CREATE TABLE coin.audit_batch (
  -- without gaps: 1, 2, 3
  id bigint PRIMARY KEY,
  first_id bigint NOT NULL,
  last_id bigint NOT NULL,
  entries int NOT NULL,
  previous bytea NOT NULL,
  hash bytea NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- The digest of each chained entry. Its salt goes when a part of the entry is erased: what was there cannot be guessed from the digest.
CREATE TABLE coin.audit_entry (
  history_id bigint PRIMARY KEY,
  salt bytea,
  digest bytea NOT NULL
);

-- What was erased after it had been chained, with the digest of what remained. Its own history is chained like any other.
CREATE TABLE coin.audit_erasure (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  history_id bigint NOT NULL,
  salt bytea NOT NULL,
  digest bytea NOT NULL,
  reason text NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX audit_erasure_of ON coin.audit_erasure (history_id, id DESC);
CREATE TRIGGER audit_erasure_history AFTER INSERT ON coin.audit_erasure REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION coin.keep_histories();

-- Up to which entry the next batches go, once the transactions that ran when it was noted have ended: an entry with a lower number may be
-- committed later.
CREATE TABLE coin.audit_mark (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  upto bigint NOT NULL,
  xid xid8 NOT NULL
);

-- The last verification, for the pages.
CREATE TABLE coin.audit_check (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  batches bigint NOT NULL,
  entries bigint NOT NULL,
  problems jsonb NOT NULL
);

-- What a digest covers: everything of an entry, in one form.
CREATE FUNCTION coin.audit_content(h coin.history) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
  RETURN convert_to(jsonb_build_array(h.id, h.table_name, h.row_id, h.op, extract(epoch FROM h.at), h.actor, h.changes)::text, 'UTF8');

CREATE FUNCTION coin.audit_hash(batch bigint, first_id bigint, last_id bigint, previous bytea) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256(previous || int8send(batch) || int8send(first_id) || int8send(last_id) ||
    coalesce(string_agg(int8send(e.history_id) || e.digest, ''::bytea ORDER BY e.history_id), ''::bytea))
  FROM coin.audit_entry e WHERE e.history_id BETWEEN audit_hash.first_id AND audit_hash.last_id
$$;

-- Chains at most `most` committed entries as one batch and gives how many; 0 when there is nothing to chain yet. One at a time, and before
-- its transaction writes anything: its own number must be later than that of whoever has taken an entry's number.
CREATE FUNCTION coin.chain_audit(most int DEFAULT 10000) RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, coin, pg_temp AS $$
DECLARE
  mark coin.audit_mark;
  done coin.audit_batch;
  start bigint;
  stop bigint;
  made int;
  link bytea;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('coin.audit', 0));
  SELECT * INTO done FROM coin.audit_batch ORDER BY id DESC LIMIT 1;
  SELECT * INTO mark FROM coin.audit_mark;
  IF mark IS NULL OR mark.upto <= coalesce(done.last_id, 0) THEN
    IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
      RAISE EXCEPTION 'coin.chain_audit() comes first in its transaction';
    END IF;
    mark.upto := (SELECT max(id) FROM coin.history);
    IF mark.upto IS NULL OR mark.upto <= coalesce(done.last_id, 0) THEN RETURN 0; END IF;
    mark.xid := pg_current_xact_id();
    INSERT INTO coin.audit_mark (upto, xid) VALUES (mark.upto, mark.xid) ON CONFLICT (one) DO UPDATE SET upto = excluded.upto, xid = excluded.xid;
  END IF;
  -- a row's transaction has its number before the row's entry has: those with an earlier number than the mark's have all ended
  IF pg_snapshot_xmin(pg_current_snapshot()) < mark.xid THEN RETURN 0; END IF;
  start := coalesce(done.last_id, 0) + 1;
  WITH chosen AS (SELECT h FROM coin.history h WHERE h.id BETWEEN start AND mark.upto ORDER BY h.id LIMIT most),
  salted AS (SELECT (h).id, coin.audit_content(h) AS content, uuid_send(gen_random_uuid()) AS salt FROM chosen OFFSET 0),
  kept AS (INSERT INTO coin.audit_entry (history_id, salt, digest) SELECT id, salt, sha256(salt || content) FROM salted RETURNING history_id)
  SELECT count(*), CASE WHEN count(*) < most THEN mark.upto ELSE max(history_id) END INTO made, stop FROM kept;
  link := coalesce(done.hash, sha256('coin'::bytea));
  INSERT INTO coin.audit_batch (id, first_id, last_id, entries, previous, hash)
  VALUES (coalesce(done.id, 0) + 1, start, stop, made, link, coin.audit_hash(coalesce(done.id, 0) + 1, start, stop, link));
  RETURN made;
END $$;

-- What is wrong with one batch; nothing when it is whole. `history_id` is null for what concerns the batch.
CREATE FUNCTION coin.verify_audit(batch bigint) RETURNS TABLE (history_id bigint, problem text)
  LANGUAGE plpgsql STABLE SET search_path = pg_catalog, coin, pg_temp AS $$
DECLARE
  b coin.audit_batch;
  before coin.audit_batch;
BEGIN
  SELECT * INTO b FROM coin.audit_batch a WHERE a.id = verify_audit.batch;
  IF b IS NULL THEN
    RETURN QUERY SELECT NULL::bigint, 'batch missing';
    RETURN;
  END IF;
  SELECT * INTO before FROM coin.audit_batch a WHERE a.id = verify_audit.batch - 1;
  IF b.previous IS DISTINCT FROM (CASE WHEN b.id = 1 THEN sha256('coin'::bytea) ELSE before.hash END)
    OR b.first_id IS DISTINCT FROM (CASE WHEN b.id = 1 THEN 1 ELSE before.last_id + 1 END) THEN
    RETURN QUERY SELECT NULL::bigint, 'chain broken';
  END IF;
  IF b.hash IS DISTINCT FROM coin.audit_hash(b.id, b.first_id, b.last_id, b.previous) THEN
    RETURN QUERY SELECT NULL::bigint, 'digests changed';
  END IF;
  RETURN QUERY
    SELECT coalesce(e.history_id, h.id),
      CASE WHEN h.id IS NULL THEN 'entry removed' WHEN e.history_id IS NULL THEN 'entry added afterwards' ELSE 'entry changed' END
    FROM (SELECT * FROM coin.audit_entry x WHERE x.history_id BETWEEN b.first_id AND b.last_id) e
    FULL JOIN (SELECT x AS whole, x.id FROM coin.history x WHERE x.id BETWEEN b.first_id AND b.last_id) h ON h.id = e.history_id
    LEFT JOIN LATERAL (SELECT r.id, r.salt, r.digest FROM coin.audit_erasure r WHERE r.history_id = e.history_id ORDER BY r.id DESC LIMIT 1) r ON e.salt IS NULL
    WHERE h.id IS NULL OR e.history_id IS NULL OR sha256(coalesce(e.salt, r.salt) || coin.audit_content(h.whole)) IS DISTINCT FROM
      CASE WHEN e.salt IS NULL THEN r.digest ELSE e.digest END
      -- an erasure that its own history does not tell of is none
      OR (e.salt IS NULL AND NOT EXISTS (SELECT FROM coin.history t WHERE t.table_name = 'audit_erasure' AND t.row_id = r.id AND t.op = 'added'
        AND t.changes #>> '{digest,1}' = r.digest::text AND t.changes #>> '{salt,1}' = r.salt::text AND (t.changes #>> '{history_id,1}')::bigint = e.history_id));
END $$;

-- Refuses what is not an erasure by one of the functions below.
CREATE FUNCTION coin.audit_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, coin, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND current_setting('coin.erasing', true) = 'on' THEN RETURN NEW; END IF;
  PERFORM coin.refuse('audit_stays', 'The history of changes cannot be changed or removed.', 'Personal data are erased from it by coin.erase_history().');
  RETURN NULL;
END $$;
CREATE TRIGGER history_stays BEFORE UPDATE OR DELETE ON coin.history FOR EACH ROW EXECUTE FUNCTION coin.audit_stays();
CREATE TRIGGER audit_entry_stays BEFORE UPDATE OR DELETE ON coin.audit_entry FOR EACH ROW EXECUTE FUNCTION coin.audit_stays();
CREATE TRIGGER audit_batch_stays BEFORE UPDATE OR DELETE ON coin.audit_batch FOR EACH ROW EXECUTE FUNCTION coin.audit_stays();
CREATE TRIGGER audit_erasure_stays BEFORE UPDATE OR DELETE ON coin.audit_erasure FOR EACH ROW EXECUTE FUNCTION coin.audit_stays();
CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON coin.audit_entry EXECUTE FUNCTION coin.no_truncate();
CREATE TRIGGER audit_batch_no_truncate BEFORE TRUNCATE ON coin.audit_batch EXECUTE FUNCTION coin.no_truncate();
CREATE TRIGGER audit_erasure_no_truncate BEFORE TRUNCATE ON coin.audit_erasure EXECUTE FUNCTION coin.no_truncate();

-- Tells the chain what remains of entries that were just erased, and forgets their salts.
CREATE FUNCTION coin.seal_erased(ids bigint[], reason text) RETURNS void LANGUAGE sql SET search_path = pg_catalog, coin, pg_temp AS $$
  INSERT INTO coin.audit_erasure (history_id, salt, digest, reason)
  SELECT id, salt, sha256(salt || content), seal_erased.reason
  FROM (SELECT h.id, coin.audit_content(h) AS content, uuid_send(gen_random_uuid()) AS salt
    FROM coin.history h JOIN coin.audit_entry e ON e.history_id = h.id WHERE h.id = ANY (ids) OFFSET 0) s;
  UPDATE coin.audit_entry SET salt = NULL WHERE history_id = ANY (ids) AND salt IS NOT NULL;
$$;

-- Erases the values of these columns (all of them when null) from the history of one row. Gives how many entries it touched.
CREATE FUNCTION coin.erase_history(of_table text, of_row bigint, columns text[], reason text DEFAULT 'erasure') RETURNS int
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, coin, pg_temp AS $$
DECLARE ids bigint[];
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('coin.audit', 0));
  PERFORM set_config('coin.erasing', 'on', true);
  WITH erased AS (
    UPDATE coin.history h
    SET changes = (SELECT coalesce(jsonb_object_agg(key, CASE WHEN columns IS NULL OR key = ANY (columns) THEN '[null, null]' ELSE value END), '{}') FROM jsonb_each(h.changes))
    WHERE h.table_name = of_table AND h.row_id = of_row
      AND EXISTS (SELECT FROM jsonb_each(h.changes) c WHERE (columns IS NULL OR c.key = ANY (columns)) AND c.value <> '[null, null]')
    RETURNING h.id)
  SELECT array_agg(id) INTO ids FROM erased;
  PERFORM coin.seal_erased(ids, reason);
  PERFORM set_config('coin.erasing', '', true);
  RETURN coalesce(cardinality(ids), 0);
END $$;

-- Forgets the name of a user who acted; that it was one and the same stays known by the user's id.
CREATE FUNCTION coin.forget_actor(of_user text, reason text DEFAULT 'erasure') RETURNS int
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, coin, pg_temp AS $$
DECLARE ids bigint[];
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('coin.audit', 0));
  PERFORM set_config('coin.erasing', 'on', true);
  WITH erased AS (
    UPDATE coin.history h SET actor = h.actor || '{"label": ""}' WHERE h.actor ->> 'user' = of_user AND h.actor ->> 'label' <> '' RETURNING h.id)
  SELECT array_agg(id) INTO ids FROM erased;
  PERFORM coin.seal_erased(ids, reason);
  PERFORM set_config('coin.erasing', '', true);
  RETURN coalesce(cardinality(ids), 0);
END $$;

-- What somebody did that no row tells: a request carried out, a file taken away.
CREATE FUNCTION coin.record_deed(changes jsonb) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, coin, pg_temp AS $$
  INSERT INTO coin.history (table_name, row_id, op, actor, changes) VALUES ('deed', 0, 'added', coin.actor(), changes)
$$;

-- For the log's dates; entries come nearly in their order.
CREATE INDEX history_at ON coin.history USING brin (at);
