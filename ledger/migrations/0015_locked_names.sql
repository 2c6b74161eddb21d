-- Names of persons lie locked under keys outside the database, one a person. A database that holds names
-- of before gets them locked by the program that has the keys, which then declares the check to hold.
CREATE OR REPLACE FUNCTION ledger.allow_erasure_only() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF (NEW.event, NEW.path, NEW.commitment) = (OLD.event, OLD.path, OLD.commitment) AND (
        (NEW.value IS NULL AND NEW.salt IS NULL)
        -- What is locked now can be locked anew, under another key of its person.
        OR (OLD.value IS NOT NULL AND starts_with(NEW.value, 'locked-name:') AND NEW.salt <> OLD.salt)
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a name may be erased, never changed'
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;

ALTER TABLE ledger.person_names ADD CONSTRAINT only_locked
    CHECK (value IS NULL OR starts_with(value, 'locked-name:')) NOT VALID;
COMMENT ON TABLE ledger.person_names IS
    'What the commitments in the bytes stand for, locked under a key outside; empty once erased';
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM ledger.person_names WHERE NOT starts_with(value, 'locked-name:')) THEN
        ALTER TABLE ledger.person_names VALIDATE CONSTRAINT only_locked;
    END IF;
END
$$;
