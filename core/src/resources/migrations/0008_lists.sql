-- A list that is sorted by it is read from the index, however long it is.
CREATE INDEX ip_subnet_by_creation ON ip_subnet (created_at, id);
