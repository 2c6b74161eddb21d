-- The root of every full tile, so that the tiles above it, which are partial
-- until 256 of those below are full, are read without hashing those below again.

ALTER TABLE ledger.tiles
    ADD COLUMN root bytea GENERATED ALWAYS AS (ledger.tile_root(hashes)) STORED;
COMMENT ON COLUMN ledger.tiles.root IS 'The hash that stands for the tile in the tile above it';

-- Store the tiles that became full between two sizes, from the rows as they are stored.
CREATE OR REPLACE FUNCTION ledger.add_tiles(before bigint, after bigint) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    tile_level smallint := 0;
BEGIN
    before := before / 256;
    after := after / 256;
    INSERT INTO ledger.tiles (level, index, hashes)
    SELECT 0, (e.position - 1) / 256, string_agg(e.leaf_hash, ''::bytea ORDER BY e.position)
    FROM ledger.events AS e
    WHERE e.position > before * 256 AND e.position <= after * 256
    GROUP BY 2;
    LOOP
        before := before / 256;
        after := after / 256;
        EXIT WHEN after = before;
        INSERT INTO ledger.tiles (level, index, hashes)
        SELECT tile_level + 1, t.index / 256, string_agg(t.root, ''::bytea ORDER BY t.index)
        FROM ledger.tiles AS t
        WHERE t.level = tile_level AND t.index >= before * 256 AND t.index < after * 256
        GROUP BY 2;
        tile_level := tile_level + 1;
    END LOOP;
END
$$;
