-- Facts that wait for a second person, with the very bytes that will be
-- approved. Their names lie in ledger.person_names under the event's own id.

CREATE TABLE ledger.pending (
    number         bigint      PRIMARY KEY REFERENCES ledger.quarantine,
    event          uuid        NOT NULL UNIQUE,
    kind           text        COLLATE "C" NOT NULL,
    stream         text        COLLATE "C" NOT NULL,
    source_key     text        COLLATE "C" NOT NULL,
    record_version text,
    content_digest bytea       NOT NULL CHECK (octet_length(content_digest) = 32),
    corrects       uuid,
    aliases        text[]      NOT NULL,
    mentions       text[]      NOT NULL,
    actor          text        NOT NULL,
    body           bytea       NOT NULL
);
COMMENT ON TABLE ledger.pending IS 'Bodies that one person sent and a second one has to approve';

CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.pending
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.pending ENABLE ALWAYS TRIGGER only_grows;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'ledger_app') THEN
        GRANT SELECT, INSERT ON ledger.pending TO ledger_app;
    END IF;
END
$$;
