-- Which subscriptions have ended is asked each minute.
CREATE INDEX subscription_resigned ON subscription (resigned_on) WHERE resigned_on IS NOT NULL;
