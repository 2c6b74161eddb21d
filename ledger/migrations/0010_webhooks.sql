-- Whom to tell of events, and how far each has been told. This is no part of the
-- ledger: it changes, and since it holds secrets no backup takes it along.

CREATE SCHEMA outbound;

CREATE TABLE outbound.webhooks (
    id         uuid        PRIMARY KEY,
    name       text        NOT NULL UNIQUE,
    url        text        NOT NULL,
    secret     text        NOT NULL,
    -- What is wanted, as the subscription to events takes it.
    wanted     jsonb       NOT NULL,
    -- Every wanted event up to here was delivered or is a dead letter.
    position   bigint      NOT NULL CHECK (position >= 0),
    created_at timestamptz NOT NULL,
    -- How often the next one was tried in vain, why, and when it is tried again.
    attempts   integer     NOT NULL DEFAULT 0,
    problem    text,
    retry_at   timestamptz
);
COMMENT ON TABLE outbound.webhooks IS 'Receivers of events over HTTP, each with its own position';

CREATE TABLE outbound.dead_letters (
    webhook   uuid        NOT NULL REFERENCES outbound.webhooks ON DELETE CASCADE,
    position  bigint      NOT NULL,
    attempts  integer     NOT NULL,
    problem   text        NOT NULL,
    failed_at timestamptz NOT NULL,
    is_wanted boolean     NOT NULL DEFAULT false,
    PRIMARY KEY (webhook, position)
);
COMMENT ON TABLE outbound.dead_letters IS 'Events that a receiver did not take; tried once more when wanted';

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'ledger_app') THEN
        GRANT USAGE ON SCHEMA outbound TO ledger_app;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA outbound TO ledger_app;
    END IF;
END
$$;
