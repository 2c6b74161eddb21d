-- What witnesses have signed: the line that each puts below a checkpoint.

CREATE TABLE ledger.cosignatures (
    origin      text        COLLATE "C" NOT NULL,
    size        bigint      NOT NULL CHECK (size >= 1),
    witness_key text        COLLATE "C" NOT NULL,
    line        text        COLLATE "C" NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (origin, size, witness_key)
);
COMMENT ON TABLE ledger.cosignatures IS 'Cosignatures of witnesses below signed checkpoints';

CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.cosignatures
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.cosignatures ENABLE ALWAYS TRIGGER only_grows;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'ledger_app') THEN
        GRANT SELECT, INSERT ON ledger.cosignatures TO ledger_app;
    END IF;
END
$$;
