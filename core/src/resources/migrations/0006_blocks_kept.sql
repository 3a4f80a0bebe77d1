-- The blocks are the allocator's own: they follow from pools, reserved ranges and subnets, and a block written by hand would
-- contradict these. Assignments likewise begin with a subnet only. The settings are for whoever must repair knowingly.
CREATE FUNCTION coin.keep_blocks() RETURNS trigger LANGUAGE plpgsql SET search_path = public, coin, pg_temp AS $$
BEGIN
  IF pg_trigger_depth() = 1 AND current_setting('coin.write_blocks', true) IS DISTINCT FROM 'on' THEN
    PERFORM coin.refuse('ip_block_kept', 'Blocks follow from pools, reserved ranges and subnets: they are not written by hand.',
      'Add, change or remove a subnet, a reserved range or a prefix of the pool.');
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER ip_block_kept BEFORE INSERT OR UPDATE OR DELETE ON ip_block EXECUTE FUNCTION coin.keep_blocks();
ALTER FUNCTION ip_end_rest(int) SET "coin.write_blocks" = 'on';
ALTER FUNCTION allocate_subnet(bigint, int, bigint, int) SET "coin.write_blocks" = 'on';

CREATE TRIGGER ip_assignment_begun BEFORE INSERT ON ip_assignment EXECUTE FUNCTION coin.keep_assignments();
