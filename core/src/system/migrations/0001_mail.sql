-- When to try again, and which texts are forgotten once a mail server has them.
ALTER TABLE coin.mail
  ADD COLUMN secret boolean NOT NULL DEFAULT false,
  ADD COLUMN attempts int NOT NULL DEFAULT 0,
  ADD COLUMN next_attempt_at timestamptz NOT NULL DEFAULT now();
DROP INDEX coin.mail_unsent;
CREATE INDEX mail_unsent ON coin.mail (next_attempt_at) WHERE sent_at IS NULL;
