-- Generated files, such as invoices in PDF, each kept once under the SHA-256 of its content.
CREATE TABLE coin.file (
  hash bytea PRIMARY KEY,
  media_type text NOT NULL CONSTRAINT file_media_type CHECK (media_type ~ '^[a-z]+/[a-z0-9.+-]+(; ?[a-z]+=[A-Za-z0-9._-]+)?$'),
  name text,
  size int NOT NULL GENERATED ALWAYS AS (octet_length(content)) STORED,
  content bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT file_hash CHECK (hash = sha256(content))
);
-- PDFs are compressed already
ALTER TABLE coin.file ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE FUNCTION coin.file_immutable() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, coin, pg_temp AS $$
BEGIN
  PERFORM coin.refuse('file_immutable', 'A generated file never changes.', 'Store the new content as another file.');
  RETURN NULL;
END $$;
CREATE TRIGGER file_immutable BEFORE UPDATE ON coin.file FOR EACH ROW EXECUTE FUNCTION coin.file_immutable();
CREATE TRIGGER file_no_truncate BEFORE TRUNCATE ON coin.file EXECUTE FUNCTION coin.no_truncate();

-- openpgp_key: the mail goes encrypted to it or not at all. about: what it tells of, by the name of the resource.
ALTER TABLE coin.mail
  ADD COLUMN openpgp_key text NOT NULL DEFAULT '' CONSTRAINT mail_openpgp_key_public CHECK (openpgp_key !~ 'PRIVATE KEY'),
  ADD COLUMN language text NOT NULL DEFAULT '' CONSTRAINT mail_language_form CHECK (language ~ '^([a-z]{2}(-[A-Za-z0-9]+)*)?$'),
  ADD COLUMN about_kind text,
  ADD COLUMN about_id bigint,
  ADD CONSTRAINT mail_about CHECK ((about_kind IS NULL) = (about_id IS NULL));
CREATE INDEX mail_by_what ON coin.mail (about_kind, about_id) WHERE about_kind IS NOT NULL;
CREATE INDEX mail_failed ON coin.mail (id) WHERE sent_at IS NULL AND error IS NOT NULL;

-- a mail that is not tried again by itself waits for ever
UPDATE coin.mail SET next_attempt_at = 'infinity' WHERE sent_at IS NULL AND attempts >= 80;

CREATE TABLE coin.mail_attachment (
  mail_id bigint NOT NULL REFERENCES coin.mail ON DELETE CASCADE,
  position int NOT NULL,
  name text NOT NULL,
  hash bytea NOT NULL CONSTRAINT mail_attachment_file REFERENCES coin.file,
  PRIMARY KEY (mail_id, position)
);
CREATE INDEX mail_attachment_by_file ON coin.mail_attachment (hash);
