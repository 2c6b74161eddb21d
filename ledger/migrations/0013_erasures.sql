-- Answers are kept by the position they are true at, which an erasure does not move. Its number, of the
-- same transaction, tells every process that answers with names in them are true no more.
CREATE TABLE ledger.erasures (
    number    bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    erased_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE ledger.erasures IS 'When names were erased, never which';
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.erasures
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.erasures ENABLE ALWAYS TRIGGER only_grows;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'ledger_app') THEN
        GRANT SELECT ON ledger.erasures TO ledger_app;
    END IF;
END
$$;
