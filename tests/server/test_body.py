"""A body is read as it comes, and one that stops coming is given up."""

import asyncio
from typing import Any

import pytest
from starlette.requests import ClientDisconnect, Request

from server import body
from server.body import Body, SlowSender


def reading(messages: list[dict[str, Any]], patience_seconds: float = 0.05) -> list[bytes]:
    """Read a body whose sender says so much, and then nothing any more."""
    coming = iter(messages)

    async def receive() -> Any:
        message = next(coming, None)
        if message is None:
            await asyncio.Event().wait()
        return message

    async def run() -> list[bytes]:
        request = Request({"type": "http", "headers": []}, receive)
        reader = Body(request, patience_seconds=patience_seconds)
        return [piece async for piece in reader.pieces()]

    return asyncio.run(run())


def piece(data: bytes, *, more: bool = True) -> dict[str, Any]:
    return {"type": "http.request", "body": data, "more_body": more}


def test_a_body_is_given_piece_by_piece():
    assert reading([piece(b"a"), piece(b""), piece(b"b", more=False)]) == [b"a", b"b"]


def test_a_sender_who_falls_silent_is_told_so(monkeypatch):
    monkeypatch.setattr(body, "TICK_SECONDS", 0.01)

    with pytest.raises(SlowSender) as refused:
        reading([piece(b"a")])

    assert refused.value.code == "slow_sender"
    assert refused.value.cure


def test_a_sender_who_goes_away_is_noticed():
    with pytest.raises(ClientDisconnect):
        reading([piece(b"a"), {"type": "http.disconnect"}])
