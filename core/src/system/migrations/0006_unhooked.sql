-- A transaction that writes a hundred thousand changes asks again and again for those that somebody hears before it commits: it does not
-- read over all the others each time.
CREATE INDEX outbox_heard ON coin.outbox (xid, entity) WHERE NOT hooked;
DROP INDEX coin.outbox_unhooked;
