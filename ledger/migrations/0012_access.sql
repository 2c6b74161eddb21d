-- A token may be limited to regions, and to so many points a second.
ALTER TABLE ledger.tokens
    ADD COLUMN regions text[],
    ADD COLUMN points integer CHECK (points > 0);
COMMENT ON TABLE ledger.tokens IS
    'Bearer tokens; systems, kinds or regions left empty mean every one, points those of the server';

-- What a limited caller delivered joins by itself only within the same limits.
ALTER TABLE ledger.quarantine ADD COLUMN limits jsonb;
COMMENT ON COLUMN ledger.quarantine.limits IS
    'The regions and systems its sender was limited to, if any';

-- Denials are no facts about projects: whoever knocks a million times shall not
-- make the ledger grow by a million events. Like ones of a moment are one row.
CREATE TABLE ledger.denials (
    number    bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    denied_at timestamptz NOT NULL,
    token     text,
    actor     text,
    action    text        NOT NULL,
    code      text        NOT NULL,
    subject   text,
    times     integer     NOT NULL CHECK (times > 0)
);
CREATE INDEX denials_time ON ledger.denials (denied_at);
COMMENT ON TABLE ledger.denials IS 'Who was refused what, and how often; never what was behind it';
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.denials
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.denials ENABLE ALWAYS TRIGGER only_grows;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'ledger_app') THEN
        GRANT SELECT, INSERT ON ledger.denials TO ledger_app;
    END IF;
END
$$;
