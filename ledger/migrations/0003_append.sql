-- The writer's two calls. They are functions to save round trips while the lock
-- is held; each statement inside sees what was committed before it began.

-- Take the writer's lock and say what a group of facts meets: the head, the last
-- version and leaf hash of its streams (eight bytes, then the hash), and every
-- event already recorded from the same source records.
CREATE FUNCTION ledger.take(
    streams text[], source_keys text[],
    OUT size bigint, OUT edge bytea, OUT recorded_at timestamptz,
    OUT last bytea[], OUT known json
)
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(4018230002);
    SELECT h.size, h.edge, h.recorded_at INTO take.size, take.edge, take.recorded_at
    FROM ledger.heads AS h ORDER BY h.size DESC LIMIT 1;
    -- A scalar subquery, because it is always answered from the index; a join is
    -- sometimes planned as one over the whole table.
    SELECT array_agg((
        SELECT int8send(e.version) || e.leaf_hash FROM ledger.events AS e
        WHERE e.stream = s.stream ORDER BY e.version DESC LIMIT 1
    ) ORDER BY s.number) INTO take.last
    FROM unnest(take.streams) WITH ORDINALITY AS s (stream, number);
    SELECT json_agg(json_build_array(
        e.source_key, e.id, e.position, e.kind, e.stream, e.version_key,
        encode(e.content_digest, 'hex')
    ) ORDER BY e.position) INTO take.known
    FROM ledger.events AS e WHERE e.source_key = ANY (take.source_keys);
END
$$;

-- The root hash over a full tile: neighbours are hashed in pairs until one hash is left.
CREATE FUNCTION ledger.tile_root(hashes bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
    parents bytea;
BEGIN
    WHILE octet_length(hashes) > 32 LOOP
        parents := '';
        FOR start IN 1 .. octet_length(hashes) BY 64 LOOP
            parents := parents || sha256('\x01'::bytea || substr(hashes, start, 64));
        END LOOP;
        hashes := parents;
    END LOOP;
    RETURN hashes;
END
$$;

-- Store the tiles that became full between two sizes, from the rows as they are stored.
CREATE FUNCTION ledger.add_tiles(before bigint, after bigint) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    tile_level smallint := 0;
BEGIN
    before := before / 256;
    after := after / 256;
    INSERT INTO ledger.tiles
    SELECT 0, (e.position - 1) / 256, string_agg(e.leaf_hash, ''::bytea ORDER BY e.position)
    FROM ledger.events AS e
    WHERE e.position > before * 256 AND e.position <= after * 256
    GROUP BY 2;
    LOOP
        before := before / 256;
        after := after / 256;
        EXIT WHEN after = before;
        INSERT INTO ledger.tiles
        SELECT tile_level + 1, t.index / 256,
            string_agg(ledger.tile_root(t.hashes), ''::bytea ORDER BY t.index)
        FROM ledger.tiles AS t
        WHERE t.level = tile_level AND t.index >= before * 256 AND t.index < after * 256
        GROUP BY 2;
        tile_level := tile_level + 1;
    END LOOP;
END
$$;

-- Continue the head, or fail: should anybody ever have written without the lock,
-- a unique index finds it and the whole group is undone.
CREATE FUNCTION ledger.continue_head(heads ledger.heads[]) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    continued bigint;
    before    bigint := heads[1].previous;
    after     bigint := heads[cardinality(heads)].size;
BEGIN
    INSERT INTO ledger.heads SELECT * FROM unnest(continue_head.heads) ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS continued = ROW_COUNT;
    IF continued < cardinality(heads) THEN
        RAISE EXCEPTION 'another writer has continued the head of size %', before
            USING ERRCODE = 'serialization_failure';
    END IF;
    IF after / 256 > before / 256 THEN
        PERFORM ledger.add_tiles(before, after);
    END IF;
    PERFORM pg_notify('ledger', after::text);
END
$$;

-- Append a small group in one call; a large one copies its rows and continues the head itself.
CREATE FUNCTION ledger.put(
    heads ledger.heads[], events ledger.events[], names ledger.person_names[],
    aliases ledger.aliases[], mentions ledger.mentions[]
) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO ledger.events SELECT * FROM unnest(put.events);
    IF cardinality(put.names) > 0 THEN
        INSERT INTO ledger.person_names SELECT * FROM unnest(put.names);
    END IF;
    IF cardinality(put.aliases) > 0 THEN
        INSERT INTO ledger.aliases SELECT * FROM unnest(put.aliases);
    END IF;
    IF cardinality(put.mentions) > 0 THEN
        INSERT INTO ledger.mentions SELECT * FROM unnest(put.mentions);
    END IF;
    PERFORM ledger.continue_head(put.heads);
END
$$;
