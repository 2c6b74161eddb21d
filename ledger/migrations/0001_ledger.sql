-- The ledger: events that are written once, the tree over them, and what is
-- needed to find them. Every table only grows; the triggers at the end hold
-- that against everybody, the owner of the database included.

-- The application works as this role. Where the migrating user may not create
-- roles the triggers alone guard the tables, and connections stay as they are.
DO $$
BEGIN
    CREATE ROLE ledger_app NOLOGIN;
EXCEPTION
    -- Another database of this cluster, or a concurrent start, was faster.
    WHEN duplicate_object OR unique_violation THEN NULL;
    WHEN insufficient_privilege THEN
        RAISE NOTICE 'role ledger_app cannot be created by %', current_user;
END
$$;

DO $$
BEGIN
    IF NOT pg_has_role(current_user, 'ledger_app', 'MEMBER') THEN
        EXECUTE format('GRANT ledger_app TO %I', current_user);
    END IF;
EXCEPTION
    WHEN undefined_object OR insufficient_privilege THEN
        RAISE NOTICE 'role ledger_app cannot be taken by %', current_user;
END
$$;

CREATE TABLE ledger.events (
    position       bigint      PRIMARY KEY CHECK (position >= 1),
    id             uuid        NOT NULL UNIQUE,
    stream         text        COLLATE "C" NOT NULL,
    version        bigint      NOT NULL CHECK (version >= 1),
    kind           text        COLLATE "C" NOT NULL,
    recorded_at    timestamptz NOT NULL,
    source_key     text        COLLATE "C" NOT NULL,
    record_version text,
    version_key    text        COLLATE "C",
    content_digest bytea       NOT NULL CHECK (octet_length(content_digest) = 32),
    corrects       uuid,
    leaf_hash      bytea       NOT NULL,
    -- 65,535 is the longest entry a log bundle of the tlog-tiles format can carry.
    bytes          bytea       NOT NULL CHECK (octet_length(bytes) <= 65535),
    UNIQUE (stream, version),
    CONSTRAINT leaf_hash_is_of_bytes CHECK (leaf_hash = sha256('\x00'::bytea || bytes))
);
CREATE INDEX events_identity ON ledger.events (source_key, version_key);
CREATE INDEX events_corrects ON ledger.events (corrects) WHERE corrects IS NOT NULL;
COMMENT ON TABLE ledger.events IS 'One row an event; the bytes are the truth, the other columns only find them';

-- One row a group of events, never changed. "previous" is unique, so that two
-- writers can never continue the same head.
CREATE TABLE ledger.heads (
    size        bigint      PRIMARY KEY,
    previous    bigint      NOT NULL UNIQUE CHECK (previous >= 0 AND previous < size),
    edge        bytea       NOT NULL CHECK (octet_length(edge) % 32 = 0),
    recorded_at timestamptz NOT NULL
);
CREATE INDEX heads_time ON ledger.heads (recorded_at, size);
COMMENT ON TABLE ledger.heads IS 'Tree heads: size and the right edge of the Merkle tree, largest subtree first';

CREATE TABLE ledger.tiles (
    level  smallint NOT NULL CHECK (level BETWEEN 0 AND 7),
    index  bigint   NOT NULL CHECK (index >= 0),
    hashes bytea    NOT NULL CHECK (octet_length(hashes) = 8192),
    PRIMARY KEY (level, index)
);
COMMENT ON TABLE ledger.tiles IS 'Full tiles of 256 hashes; partial tiles are derived from the rows';

CREATE TABLE ledger.person_names (
    event      uuid   NOT NULL,
    path       text[] NOT NULL,
    commitment text   COLLATE "C" NOT NULL,
    salt       bytea,
    value      text,
    PRIMARY KEY (event, path),
    CONSTRAINT erased_together CHECK ((salt IS NULL) = (value IS NULL))
);
CREATE INDEX person_names_commitment ON ledger.person_names (commitment);
COMMENT ON TABLE ledger.person_names IS 'What the commitments in the bytes stand for; empty once erased';

CREATE TABLE ledger.aliases (
    alias    text   COLLATE "C" NOT NULL,
    stream   text   COLLATE "C" NOT NULL,
    event    uuid   NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (alias, position)
);
COMMENT ON TABLE ledger.aliases IS 'Other names of a stream, each with the event that gave it';

CREATE TABLE ledger.mentions (
    stream   text   COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (stream, position)
);
COMMENT ON TABLE ledger.mentions IS 'Events that are about a stream but lie in another';

CREATE FUNCTION ledger.resolved(event uuid, body_part jsonb, part text) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    name record;
BEGIN
    FOR name IN
        SELECT n.path, n.value FROM ledger.person_names AS n
        WHERE n.event = resolved.event AND n.path[1] = resolved.part
    LOOP
        body_part := jsonb_set(
            body_part, name.path[2:], coalesce(to_jsonb(name.value), 'null'), false
        );
    END LOOP;
    RETURN body_part;
END
$$;
COMMENT ON FUNCTION ledger.resolved IS
    'A part of an event''s body with the persons'' names in place of their commitments';

CREATE FUNCTION ledger.refuse_change() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION 'the ledger only grows: % on %.% is refused',
        TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE FUNCTION ledger.allow_erasure_only() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF NEW.value IS NULL AND NEW.salt IS NULL
        AND (NEW.event, NEW.path, NEW.commitment) = (OLD.event, OLD.path, OLD.commitment)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a name may be erased, never changed'
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TRIGGER only_erasure BEFORE UPDATE ON ledger.person_names
    FOR EACH ROW EXECUTE FUNCTION ledger.allow_erasure_only();
CREATE TRIGGER only_grows BEFORE DELETE OR TRUNCATE ON ledger.person_names
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.person_names ENABLE ALWAYS TRIGGER only_erasure;
ALTER TABLE ledger.person_names ENABLE ALWAYS TRIGGER only_grows;

-- ENABLE ALWAYS: session_replication_role = replica does not switch them off.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['events', 'heads', 'tiles', 'aliases', 'mentions'] LOOP
        EXECUTE format(
            'CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.%I '
            'FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()', name);
        EXECUTE format('ALTER TABLE ledger.%I ENABLE ALWAYS TRIGGER only_grows', name);
    END LOOP;
END
$$;

CREATE SCHEMA IF NOT EXISTS read;
-- Where a read model is folded anew beside the live one.
CREATE SCHEMA IF NOT EXISTS rebuilt;

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ledger_app') THEN
        RETURN;
    END IF;
    GRANT USAGE ON SCHEMA ledger TO ledger_app;
    GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA ledger TO ledger_app;
    REVOKE INSERT ON ledger.migrations FROM ledger_app;
    ALTER DEFAULT PRIVILEGES IN SCHEMA ledger GRANT SELECT, INSERT ON TABLES TO ledger_app;
    ALTER DEFAULT PRIVILEGES IN SCHEMA ledger GRANT USAGE ON SEQUENCES TO ledger_app;
    -- Read models are made, swapped and dropped by the application itself.
    GRANT ALL ON SCHEMA read, rebuilt TO ledger_app;
    IF pg_has_role(current_user, 'ledger_app', 'MEMBER') THEN
        ALTER SCHEMA read OWNER TO ledger_app;
        ALTER SCHEMA rebuilt OWNER TO ledger_app;
    END IF;
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE NOTICE 'schema read stays with %', current_user;
END
$$;
