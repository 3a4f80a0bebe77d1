-- Whoever writes: nobody's private key is kept here.
ALTER TABLE member ADD CONSTRAINT member_openpgp_key_public CHECK (openpgp_key !~ 'PRIVATE KEY') NOT VALID;
