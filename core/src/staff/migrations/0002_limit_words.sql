-- Names the role in words that can be translated.
CREATE OR REPLACE FUNCTION role_limit_stays() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
DECLARE limited text;
BEGIN
  SELECT r.name INTO limited FROM role r
    WHERE OLD.id = ANY (CASE TG_TABLE_NAME WHEN 'offer' THEN r.offers ELSE r.groups END) ORDER BY r.name LIMIT 1;
  IF FOUND THEN
    PERFORM coin.refuse('role_limit_stays', format('The role “%s” is limited to it.', limited), 'Take it out of the role first.', '',
      jsonb_build_object('template', 'The role “{{role}}” is limited to it.', 'role', limited));
  END IF;
  RETURN OLD;
END $$;
