CREATE INDEX subscription_reference_search ON subscription USING gin (coin.fold(reference) gin_trgm_ops);
