-- What arrived and was not appended, and who may send: like the ledger, these
-- tables only grow. Nothing that was delivered is ever lost, and every decision
-- about it is a row of its own.

-- "delivery" is the fact as received, without the names of persons: those lie in
-- ledger.person_names under "draft", so that they can be erased.
CREATE TABLE ledger.quarantine (
    number         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    draft          uuid        NOT NULL UNIQUE,
    received_at    timestamptz NOT NULL,
    digest         bytea       NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
    kind           text        NOT NULL,
    subject        text,
    occurred_on    text        NOT NULL,
    source_key     text        COLLATE "C" NOT NULL,
    record_version text,
    code           text        NOT NULL,
    field          text,
    value          text,
    cure           text,
    waiting_for    text        COLLATE "C",
    actor          jsonb       NOT NULL,
    delivery       bytea       NOT NULL
);
COMMENT ON TABLE ledger.quarantine IS 'Deliveries that were kept instead of appended, and why';
COMMENT ON COLUMN ledger.quarantine.waiting_for IS
    'The subject or event whose appearance releases the delivery by itself';

CREATE TABLE ledger.quarantine_decisions (
    number     bigint      PRIMARY KEY REFERENCES ledger.quarantine,
    decided_at timestamptz NOT NULL,
    decision   text        NOT NULL CHECK (decision IN ('released', 'refused', 'replaced')),
    status     text        NOT NULL,
    event      uuid,
    position   bigint,
    code       text
);
COMMENT ON TABLE ledger.quarantine_decisions IS 'What became of a quarantined delivery';

CREATE TABLE ledger.superseded (
    number         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    draft          uuid        NOT NULL UNIQUE,
    received_at    timestamptz NOT NULL,
    stream         text        COLLATE "C" NOT NULL,
    kind           text        NOT NULL,
    source_key     text        COLLATE "C" NOT NULL,
    record_version text        NOT NULL,
    event          uuid,
    content_digest bytea       NOT NULL CHECK (octet_length(content_digest) = 32),
    body           bytea       NOT NULL,
    UNIQUE (source_key, record_version, content_digest)
);
CREATE INDEX superseded_stream ON ledger.superseded (stream, number);
COMMENT ON TABLE ledger.superseded IS
    'Versions of a source record that arrived after a later one: shown in history, never folded';

-- Of a token only its hash is known; the holder's name lies in ledger.person_names.
CREATE TABLE ledger.tokens (
    id         uuid        PRIMARY KEY,
    hash       bytea       NOT NULL UNIQUE CHECK (octet_length(hash) = 32),
    label      text        NOT NULL,
    actor      text        NOT NULL,
    org        text        NOT NULL,
    role       text        NOT NULL,
    rights     text[]      NOT NULL,
    systems    text[],
    kinds      text[],
    created_at timestamptz NOT NULL,
    expires_at timestamptz
);
COMMENT ON TABLE ledger.tokens IS 'Bearer tokens; systems or kinds left empty mean every one';

CREATE TABLE ledger.token_revocations (
    token      uuid        PRIMARY KEY REFERENCES ledger.tokens,
    revoked_at timestamptz NOT NULL
);
COMMENT ON TABLE ledger.token_revocations IS 'Tokens that are good for nothing any more';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'quarantine', 'quarantine_decisions', 'superseded', 'tokens', 'token_revocations'
    ] LOOP
        EXECUTE format(
            'CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.%I '
            'FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()', name);
        EXECUTE format('ALTER TABLE ledger.%I ENABLE ALWAYS TRIGGER only_grows', name);
    END LOOP;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'ledger_app') THEN
        GRANT SELECT, INSERT ON
            ledger.quarantine, ledger.quarantine_decisions, ledger.superseded,
            ledger.tokens, ledger.token_revocations TO ledger_app;
    END IF;
END
$$;
