-- Whether members may ask for it themselves, while it is sold.
ALTER TABLE offer ADD COLUMN askable boolean NOT NULL DEFAULT true;
