-- PostgreSQL knows the dates infinity and -infinity; nobody joins or resigns on them.
ALTER TABLE member
  ADD CONSTRAINT member_dates_finite CHECK (isfinite(joined_on) AND isfinite(resigned_on));
CREATE TRIGGER member_no_truncate BEFORE TRUNCATE ON member EXECUTE FUNCTION coin.no_truncate();
