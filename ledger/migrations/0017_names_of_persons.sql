-- Whoever erases a person looks for all its names while nobody may append, so that must not take longer
-- the more names of others there are. The number of a person is the third part of a locked name.
CREATE INDEX person_names_person ON ledger.person_names ((split_part(value, ':', 3)) COLLATE "C")
    WHERE value IS NOT NULL;
