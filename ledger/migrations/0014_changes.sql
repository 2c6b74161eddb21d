-- What follows from facts and the day, as a project that turns red, is told to webhooks
-- too. What stands is remembered, so that each change is found once, however
-- often the server starts anew; this is no part of the ledger.
CREATE TABLE outbound.watched (
    topic    text   PRIMARY KEY,
    position bigint NOT NULL,
    day      date   NOT NULL
);
COMMENT ON TABLE outbound.watched IS 'How each topic was looked at last: as known at a position, judged on a day';

CREATE TABLE outbound.standing (
    topic   text NOT NULL,
    subject text COLLATE "C" NOT NULL,
    told    jsonb NOT NULL,
    PRIMARY KEY (topic, subject)
);
COMMENT ON TABLE outbound.standing IS 'What stood at the last look';

CREATE TABLE outbound.changes (
    number   bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic    text        NOT NULL,
    subject  text        COLLATE "C" NOT NULL,
    region   text,
    position bigint      NOT NULL,
    day      date        NOT NULL,
    found_at timestamptz NOT NULL,
    told     jsonb       NOT NULL
);
COMMENT ON TABLE outbound.changes IS 'What began to stand, in the order in which it was found';

-- A webhook is told of events or of changes; its position counts the ones or the others.
ALTER TABLE outbound.webhooks
    ADD COLUMN follows text NOT NULL DEFAULT 'events' CHECK (follows IN ('events', 'changes'));

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'ledger_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE
            ON outbound.watched, outbound.standing, outbound.changes TO ledger_app;
    END IF;
END
$$;
