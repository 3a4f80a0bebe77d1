-- What the months of the last two years add up to, counted now and then: the page of every morning must not read a million rows.
CREATE TABLE coin.month_figures (
  only_one boolean PRIMARY KEY DEFAULT true CONSTRAINT month_figures_once CHECK (only_one),
  counted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  figures jsonb NOT NULL
);
