-- What belonged to a subscription and is gone, for its history.
CREATE INDEX history_removed_of_subscription ON coin.history ((changes #>> '{subscription_id,0}')) WHERE op = 'removed';
