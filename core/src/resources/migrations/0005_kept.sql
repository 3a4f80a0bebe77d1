-- Who held what is never overwritten: what happens to a subnet closes an assignment, the legal term removes it, and nothing else
-- touches it. The setting is for that removal and for whoever must rewrite history knowingly.
CREATE FUNCTION coin.keep_assignments() RETURNS trigger LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' OR (pg_trigger_depth() = 1 AND current_setting('coin.rewrite_assignments', true) IS DISTINCT FROM 'on') THEN
    PERFORM coin.refuse('ip_assignment_kept', 'Who held an address is never overwritten.',
      'Release the subnet: that ends its assignment. Those older than the legal term are removed by ip_purge_history().');
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER ip_assignment_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON ip_assignment EXECUTE FUNCTION coin.keep_assignments();
ALTER FUNCTION ip_purge_history(interval, int) SET "coin.rewrite_assignments" = 'on';

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['ip_pool', 'offer_pool', 'ip_block'] LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I EXECUTE FUNCTION coin.no_truncate()', name || '_no_truncate', name);
  END LOOP;
END $$;
