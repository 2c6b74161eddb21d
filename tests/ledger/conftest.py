"""Facts to append, and the whole ledger checked against its definition."""

import secrets
import uuid
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson
import psycopg
import pytest

from domain.draft import Draft, prepare
from domain.envelope import Actor, Source
from ledger.tree import Edge, root_of, split

ACTOR = Actor(id="clerk", org="bureau", role="steward")


def make_fact(
    record: str = "r1",
    version: str | None = None,
    *,
    kind: str = "ConstructionStarted",
    stream: str = "project/a",
    day: str = "2024-06-19",
    payload: dict[str, Any] | None = None,
    expected_version: int | None = None,
    recorded_at: datetime | None = None,
    corrects: str | None = None,
    actor: Actor = ACTOR,
) -> Draft:
    """Prepare a fact; by default that construction started."""
    return prepare(
        id=str(uuid.uuid4()),
        kind=kind,
        stream=stream,
        occurred_on=day,
        actor=actor,
        source=Source(system="register", record_id=record, record_version=version),
        payload={"basis": "permit", "self_reported": False} if payload is None else payload,
        request_id="test",
        salts=lambda: secrets.token_bytes(32),
        expected_version=expected_version,
        recorded_at=recorded_at,
        corrects=corrects,
        reason="a reason" if corrects else None,
    )


@pytest.fixture
def fact() -> Callable[..., Draft]:
    """Give the maker of facts."""
    return make_fact


def check_ledger(conninfo: str) -> list[dict[str, Any]]:
    """Check bytes, chains, positions, tree and tiles from the rows alone, and give the events."""
    with psycopg.connect(conninfo) as connection:
        rows = connection.execute(
            "SELECT position, stream, version, bytes, leaf_hash FROM ledger.events "
            "ORDER BY position"
        ).fetchall()
        heads = connection.execute(
            "SELECT size, previous, edge FROM ledger.heads ORDER BY size"
        ).fetchall()
        tiles = connection.execute(
            "SELECT level, index, hashes FROM ledger.tiles ORDER BY level, index"
        ).fetchall()
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
    last: dict[str, tuple[int, str | None]] = {}
    events, leaves = [], []
    for _, stream, version, data, leaf in rows:
        event = orjson.loads(data)
        known, before = last.get(stream, (0, None))
        assert leaf == sha256(b"\x00" + data).digest()
        assert orjson.dumps(event, option=orjson.OPT_SORT_KEYS) == data
        assert (event["stream"], event["version"], event["prev"]) == (stream, version, before)
        assert version == known + 1
        last[stream] = (version, leaf.hex())
        events.append(event)
        leaves.append(leaf)
    times = [event["recorded_at"] for event in events]
    assert times == sorted(times)
    edge = Edge()
    for size, previous, stored in heads:
        assert previous == edge.size
        edge = edge.extended(leaves[previous:size])
        assert stored == edge.to_bytes()
    assert edge.size == len(leaves)
    assert edge.root() == root_of(leaves)
    assert [(level, index) for level, index, _ in tiles] == expected_tiles(len(leaves))
    for level, index, hashes in tiles:
        width = 256**level
        below = [
            root_of(leaves[start : start + width])
            for start in range(index * 256 * width, (index + 1) * 256 * width, width)
        ]
        assert list(split(hashes)) == below
    return events


def expected_tiles(size: int) -> list[tuple[int, int]]:
    """List the tiles that are full at a size."""
    return [(level, index) for level in range(4) for index in range(size // 256 ** (level + 1))]


@pytest.fixture
def checked() -> Callable[[str], list[dict[str, Any]]]:
    """Give the check of a whole ledger."""
    return check_ledger
