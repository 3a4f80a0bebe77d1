-- PostgreSQL knows the dates infinity and -infinity and the number NaN, which compares as the greatest of all: nothing starts,
-- ends or costs that.
CREATE FUNCTION coin.finite_days(during daterange) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN coalesce(isfinite(lower(during)), true) AND coalesce(isfinite(upper(during)), true);

ALTER TABLE offer_price
  ADD CONSTRAINT offer_price_finite CHECK (isfinite(effective_from) AND period_fee < 'NaN' AND initial_fee < 'NaN');
ALTER TABLE subscription
  ADD CONSTRAINT subscription_dates_finite CHECK (isfinite(started_on) AND isfinite(resigned_on));
ALTER TABLE subscription_offer
  ADD CONSTRAINT subscription_offer_finite CHECK (coin.finite_days(during));
ALTER TABLE subscription_suspension
  ADD CONSTRAINT subscription_suspension_finite CHECK (coin.finite_days(during));
ALTER TABLE subscription_discount
  ADD CONSTRAINT subscription_discount_finite CHECK (coin.finite_days(during) AND amount < 'NaN');
ALTER TABLE subscription_free_price
  ADD CONSTRAINT subscription_free_price_finite CHECK (coin.finite_days(during) AND period_fee < 'NaN');

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['offer', 'offer_price', 'subscription', 'subscription_offer', 'subscription_suspension', 'subscription_discount', 'subscription_free_price'] LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I EXECUTE FUNCTION coin.no_truncate()', name || '_no_truncate', name);
  END LOOP;
END $$;
