-- A session keeps the plan of its first usernames: made while there are few members, it would read all of them for each of ten thousand that follow.
ALTER FUNCTION member_username() SET enable_seqscan = off;
