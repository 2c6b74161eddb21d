"""The peers of the comparison read what we read, and are compared on level terms."""

import asyncio
from typing import Any

import orjson
import psycopg
from api.request import Request
from api.serving import engine_over, own_contract

from server.bench.peers import views
from server.bench.peers.shapes import ASKED, DAY, OURS, SHAPES, levelled


def test_levelling_forgets_only_how_servers_wrap() -> None:
    wrapped = {"projects": {"nodes": [{"land": {"value": "1.5"}, "gone": None}]}}

    assert levelled(wrapped) == {"projects": [{"land": "1.5", "gone": None}]}
    assert levelled({"value": 1, "unit": "mu"}) == {"value": 1, "unit": "mu"}


def test_the_views_of_the_peers_hold_our_answers(portfolio: str) -> None:
    with psycopg.connect(portfolio) as connection:
        ((known,),) = connection.execute("SELECT min(position) FROM read.tracking").fetchall()
        clocks = {"known": str(known), "on": DAY, "language": "en"}
        views.make(connection, own_contract(), clocks, views.VIEWS, as_tables=False)
        flat = connection.execute("SELECT row_to_json(p) FROM peer.project p ORDER BY id")
        rows = [row for (row,) in flat.fetchall()]
        boards = [
            connection.execute(
                f"SELECT json_agg(b ORDER BY region) FROM peer.{name} b".encode()
            ).fetchall()
            for name in ("board", '"keptBoard"')
        ]
        connection.rollback()

    page, cells = asked(portfolio, SHAPES[3].texts[OURS]), asked(portfolio, SHAPES[2].texts[OURS])

    assert rows == levelled(page["flat"])
    assert rows
    assert boards == [[(cells["board"],)]] * 2


def asked(conninfo: str, text: str) -> Any:
    async def run() -> bytes:
        engine = engine_over(conninfo)
        try:
            return (await engine.answer(Request(text))).body
        finally:
            await engine.close()

    return orjson.loads(asyncio.run(run()))["data"]


def test_every_question_has_a_text_for_every_server() -> None:
    for shape in ASKED:
        assert all(shape.texts.values()), shape.name
        assert orjson.loads(shape.body(OURS))["variables"] == shape.variables
