-- The offer of each subscription of a page, and the subscriptions of an offer from the newest: both from this index alone.
CREATE INDEX subscription_offer_of_day ON subscription_offer (subscription_id, offer_id, during);
