"""Full tiles of every level are made from the stored rows."""

import secrets
from hashlib import sha256

import psycopg

from ledger.tree import Edge, root_of, split

COUNT = 256 * 256 + 300


def test_the_database_hashes_a_tile_as_the_tree_does(database: str) -> None:
    tile = secrets.token_bytes(256 * 32)

    with psycopg.connect(database) as connection:
        [(root,)] = connection.execute("SELECT ledger.tile_root(%s)", [tile]).fetchall()

    assert root == root_of(split(tile))


def test_a_tile_of_the_second_level_holds_the_roots_of_the_first(database: str) -> None:
    leaves = [sha256(b"\x00" + str(number).encode()).digest() for number in range(1, COUNT + 1)]

    with psycopg.connect(database) as connection:
        connection.execute(
            "INSERT INTO ledger.events "
            "SELECT n, gen_random_uuid(), 's', n, 'k', now(), n::text, NULL, NULL, "
            "sha256(''), NULL, sha256('\\x00'::bytea || n::text::bytea), n::text::bytea "
            "FROM generate_series(1, %s) AS n",
            [COUNT],
        )
        # In two steps, so that the second continues within a tile.
        for size, previous in ((65_000, 0), (COUNT, 65_000)):
            stored = Edge().extended(leaves[:size]).to_bytes()
            connection.execute(
                "SELECT ledger.continue_head(ARRAY[ROW(%s, %s, %s::bytea, now())]::ledger.heads[])",
                [size, previous, stored],
            )
        tiles = connection.execute(
            "SELECT level, index, hashes FROM ledger.tiles ORDER BY level, index"
        ).fetchall()

    assert [(level, index) for level, index, _ in tiles] == [(0, n) for n in range(257)] + [(1, 0)]
    assert b"".join(hashes for level, _, hashes in tiles if level == 0) == b"".join(
        leaves[: 257 * 256]
    )
    assert list(split(tiles[-1][2])) == [root_of(split(tiles[n][2])) for n in range(256)]
