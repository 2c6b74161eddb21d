-- A name is looked up by its whole commitment only, which is as good as drawn by chance. A hash index
-- takes a quarter of the room of a sorted one, and less work for each name that is appended.
DROP INDEX ledger.person_names_commitment;
CREATE INDEX person_names_commitment ON ledger.person_names USING hash (commitment);
