-- Every delivery of many facts, or of one, is a batch with its receipts. Like the
-- ledger these tables only grow; what was refused may hold the names of persons
-- and is the one thing that may be emptied.

CREATE TABLE ledger.batches (
    id          text        COLLATE "C" PRIMARY KEY,
    received_at timestamptz NOT NULL,
    actor       text        NOT NULL,
    source      text        NOT NULL,
    door        text        NOT NULL CHECK (door IN ('http', 'register', 'command')),
    file_name   text
);
COMMENT ON TABLE ledger.batches IS 'What was delivered together: when, by whom, from which file';

-- A part holds the receipts of some rows in their order. Its last part says how a
-- request ended: "complete", or "broken" when its sender went away in the middle.
CREATE TABLE ledger.batch_parts (
    batch       text        COLLATE "C" NOT NULL REFERENCES ledger.batches,
    request     uuid        NOT NULL,
    first       bigint      NOT NULL CHECK (first >= 0),
    counts      integer[]   NOT NULL CHECK (cardinality(counts) = 6),
    receipts    bytea       NOT NULL,
    received_at timestamptz NOT NULL,
    outcome     text        CHECK (outcome IN ('complete', 'broken')),
    sha256      text,
    PRIMARY KEY (batch, request, first)
);
ALTER TABLE ledger.batch_parts ALTER COLUMN receipts SET STORAGE EXTERNAL;
CREATE INDEX batch_parts_request ON ledger.batch_parts (request, first);
COMMENT ON TABLE ledger.batch_parts IS 'Receipts as deflated JSON, part by part';
COMMENT ON COLUMN ledger.batch_parts.counts IS
    'Accepted, duplicate, corrected, superseded, quarantined, rejected';

CREATE TABLE ledger.batch_rows (
    batch          text   COLLATE "C" NOT NULL REFERENCES ledger.batches,
    request        uuid   NOT NULL,
    place          bigint NOT NULL,
    row_no         bigint NOT NULL,
    source_key     text   COLLATE "C",
    record_version text,
    kind           text,
    status         text   NOT NULL,
    event          uuid,
    position       bigint,
    code           text,
    field          text,
    value          text,
    cure           text,
    payload        jsonb,
    PRIMARY KEY (batch, request, place)
);
CREATE INDEX batch_rows_record ON ledger.batch_rows (source_key);
COMMENT ON TABLE ledger.batch_rows IS 'The rows of a batch that were not simply accepted';

CREATE INDEX quarantine_record ON ledger.quarantine (source_key);

CREATE FUNCTION ledger.allow_emptying_only() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF NEW.payload IS NULL AND NEW.value IS NULL
        AND to_jsonb(NEW) - 'payload' - 'value' = to_jsonb(OLD) - 'payload' - 'value'
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what was refused may be emptied, never changed'
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER only_emptying BEFORE UPDATE ON ledger.batch_rows
    FOR EACH ROW EXECUTE FUNCTION ledger.allow_emptying_only();
CREATE TRIGGER only_grows BEFORE DELETE OR TRUNCATE ON ledger.batch_rows
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.batch_rows ENABLE ALWAYS TRIGGER only_emptying;
ALTER TABLE ledger.batch_rows ENABLE ALWAYS TRIGGER only_grows;

-- What may be forgotten again lies in a room of its own.
CREATE SCHEMA IF NOT EXISTS intake;
CREATE TABLE intake.answers (
    actor       text        COLLATE "C" NOT NULL,
    key         text        COLLATE "C" NOT NULL,
    digest      bytea       NOT NULL CHECK (octet_length(digest) = 32),
    batch       text        COLLATE "C" NOT NULL,
    request     uuid        NOT NULL,
    position    bigint      NOT NULL,
    answered_at timestamptz NOT NULL,
    PRIMARY KEY (actor, key)
);
CREATE INDEX answers_time ON intake.answers (answered_at);
COMMENT ON TABLE intake.answers IS
    'Which request an Idempotency-Key stood for, so that it can be answered the same way again';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['batches', 'batch_parts'] LOOP
        EXECUTE format(
            'CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.%I '
            'FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()', name);
        EXECUTE format('ALTER TABLE ledger.%I ENABLE ALWAYS TRIGGER only_grows', name);
    END LOOP;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'ledger_app') THEN
        GRANT SELECT, INSERT ON ledger.batches, ledger.batch_parts, ledger.batch_rows TO ledger_app;
        GRANT USAGE ON SCHEMA intake TO ledger_app;
        GRANT SELECT, INSERT, DELETE ON intake.answers TO ledger_app;
    END IF;
END
$$;
