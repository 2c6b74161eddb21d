-- Registers are filled in again and again and have no versions of their own; a
-- record's version is the number of different things it has said.
CREATE TABLE ledger.register_versions (
    source_key text    COLLATE "C" NOT NULL,
    version    integer NOT NULL CHECK (version >= 1),
    digest     bytea   NOT NULL CHECK (octet_length(digest) = 32),
    file       text    NOT NULL,
    PRIMARY KEY (source_key, version)
);
COMMENT ON TABLE ledger.register_versions IS
    'What the rows of registers said, version by version, and in which file (by its SHA-256)';
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.register_versions
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.register_versions ENABLE ALWAYS TRIGGER only_grows;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'ledger_app') THEN
        GRANT SELECT, INSERT ON ledger.register_versions TO ledger_app;
    END IF;
END
$$;
