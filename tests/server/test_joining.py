"""What is written in one turn leaves in one piece, and nothing is left behind."""

import asyncio
from typing import Any

from server.joining import AT_ONCE, Joining


class Written(asyncio.Transport):
    """A connection that keeps what it was given to send."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[bytes] = []
        self.closed = False
        self.ended = -1

    def write(self, data: Any) -> None:
        self.pieces.append(bytes(data))

    def get_write_buffer_size(self) -> int:
        return 7

    def write_eof(self) -> None:
        self.ended = len(self.pieces)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


def written(*turns: list[bytes], closing: bool = False) -> Written:
    async def write() -> Written:
        below = Written()
        joining = Joining(below)
        for turn in turns:
            joining.writelines(turn)
            waiting = sum(map(len, turn)) if sum(map(len, turn)) <= AT_ONCE else 0
            assert joining.get_write_buffer_size() == waiting + 7
            if closing:
                joining.close()
            await asyncio.sleep(0)
        return below

    return asyncio.run(write())


def test_head_and_body_leave_together_and_what_comes_later_by_itself() -> None:
    assert written([b"head", b"body"], [b"more"]).pieces == [b"headbody", b"more"]


def test_much_is_not_gathered_any_longer() -> None:
    large = b"x" * AT_ONCE

    assert written([b"head", large]).pieces == [b"head" + large]


def test_whoever_closes_has_sent_everything_before() -> None:
    below = written([b"head", b"body"], closing=True)

    assert below.pieces == [b"headbody"]
    assert below.closed


def test_whoever_ends_has_sent_everything_before() -> None:
    async def end() -> Written:
        below = Written()
        joining = Joining(below)
        joining.writelines([b"head", b"body"])
        joining.write_eof()
        await asyncio.sleep(0)
        return below

    below = asyncio.run(end())

    assert below.pieces == [b"headbody"]
    assert below.ended == 1


def test_who_has_left_meanwhile_is_sent_nothing() -> None:
    async def leave() -> Written:
        below = Written()
        joining = Joining(below)
        joining.write(b"head")
        below.close()
        await asyncio.sleep(0)
        return below

    assert asyncio.run(leave()).pieces == []
