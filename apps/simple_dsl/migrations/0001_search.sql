-- For the search box: a part of a number as it is written, and a number however it is written.
CREATE INDEX simple_dsl_phone_search ON simple_dsl USING gin (phone_number gin_trgm_ops, coin.phone_digits(phone_number::text) gin_trgm_ops);
