-- What was signed, for ever. The same note lies outside the database first, so
-- a database that was set back cannot be signed as if nothing had happened.

CREATE TABLE ledger.checkpoints (
    number       bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    origin       text        COLLATE "C" NOT NULL,
    size         bigint      NOT NULL CHECK (size >= 1),
    root         bytea       NOT NULL CHECK (octet_length(root) = 32),
    verifier_key text        COLLATE "C" NOT NULL,
    note         text        COLLATE "C" NOT NULL,
    signed_at    timestamptz NOT NULL,
    UNIQUE (origin, size, verifier_key)
);
COMMENT ON TABLE ledger.checkpoints IS 'Signed tree heads as they were published, oldest first';

CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.checkpoints ENABLE ALWAYS TRIGGER only_grows;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'ledger_app') THEN
        GRANT SELECT, INSERT ON ledger.checkpoints TO ledger_app;
    END IF;
END
$$;
