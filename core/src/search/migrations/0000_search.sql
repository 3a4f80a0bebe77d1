-- What the search box looks for and no list was sorted or narrowed by before.

-- A telephone number is written in many ways; its digits are always the same.
CREATE FUNCTION coin.phone_digits(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN regexp_replace($1, '[^0-9]', '', 'g');

CREATE INDEX member_by_phone ON member
  USING gin ((coin.phone_digits(mobile_phone) || ' ' || coin.phone_digits(home_phone)) gin_trgm_ops);
CREATE INDEX payment_reference_search ON payment USING gin (coin.fold(reference) gin_trgm_ops) WHERE reference <> '';
CREATE INDEX payment_by_amount ON payment (amount);
CREATE INDEX bank_line_by_amount ON bank_line (amount);
CREATE INDEX bank_line_by_iban ON bank_line (counterparty_iban) WHERE counterparty_iban IS NOT NULL;
CREATE INDEX mail_by_recipient ON coin.mail (lower(recipient), id);
