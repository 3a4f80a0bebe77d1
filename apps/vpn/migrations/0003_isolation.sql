-- A writer who sees the database as it was earlier (REPEATABLE READ) would find a subnet that is gone meanwhile: there, looking is not enough, and
-- the lock fails with a serialization failure. Others look at what is there now, and wait for nobody.
CREATE OR REPLACE FUNCTION vpn_check_endpoints() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
DECLARE
  account vpn;
  address inet;
  held text;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    PERFORM FROM ip_subnet WHERE configuration_id = NEW.id FOR SHARE;
  END IF;
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
