-- How the last reading of the directory went whose groups give roles: one row, as soon as there was one.
CREATE TABLE staff_directory (
  id int PRIMARY KEY CHECK (id = 1),
  url text NOT NULL,
  tried_at timestamptz NOT NULL DEFAULT now(),
  read_at timestamptz,
  error text,
  -- names of roles in the settings that no role has
  unknown text[] NOT NULL DEFAULT '{}'
);

-- Whoever signs in has the roles that the directory gives now, not those of the last reading.
CREATE FUNCTION session_follows_directory() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, coin, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM staff_directory) THEN
    PERFORM graphile_worker.add_job('staff:followDirectory', json_build_object('userId', NEW.user_id), job_key := 'staff:followDirectory:' || NEW.user_id);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER session_follows_directory AFTER INSERT ON auth.session FOR EACH ROW EXECUTE FUNCTION session_follows_directory();
