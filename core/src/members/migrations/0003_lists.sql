-- A list that is sorted by one of these is read from the index, however long it is.
CREATE INDEX member_by_joining ON member (joined_on, id);
CREATE INDEX member_by_status ON member (status, id);
