"""Whatever breaks, what was acknowledged is there exactly once."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from domain.draft import Draft
from domain.receipt import Receipt, Status
from ledger.ledger import Ledger
from ledger.unavailable import Unavailable

Fact = Callable[..., Draft]
Checked = Callable[[str], list[dict[str, Any]]]
PROGRAM = Path(__file__).with_name("writing_process.py")


@pytest.mark.slow
@pytest.mark.parametrize("call", [1, 1_500])
def test_a_killed_writer_loses_nothing_it_acknowledged(
    database: str, checked: Checked, call: int
) -> None:
    command = [sys.executable, str(PROGRAM), database, "killed", "100000", str(call)]
    acknowledged: list[tuple[str, str]] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            _, position, identifier = line.split()
            acknowledged.append((position, identifier))
            if len(acknowledged) == 2_000:
                process.send_signal(signal.SIGKILL)
                break

    events = checked(database)

    ids = [event["body"]["id"] for event in events]
    assert len(ids) == len(set(ids)) >= 2_000
    assert all(ids[int(position) - 1] == identifier for position, identifier in acknowledged)


def test_a_lost_connection_is_opened_again(database: str, fact: Fact, checked: Checked) -> None:
    async def work() -> list[Receipt]:
        ledger = await Ledger.open(database)
        receipts = await ledger.append([fact("r0")])
        for n in range(1, 6):
            await _end_other_sessions(database)
            receipts += await ledger.append([fact(f"r{n}")])
        await ledger.close()
        return receipts

    receipts = asyncio.run(work())

    assert {receipt.status for receipt in receipts} == {Status.ACCEPTED}
    assert len(checked(database)) == 6


def test_connections_cut_under_load_double_and_lose_nothing(
    database: str, fact: Fact, checked: Checked
) -> None:
    async def work() -> list[Receipt]:
        ledger = await Ledger.open(database)

        async def cut() -> None:
            for _ in range(10):
                await asyncio.sleep(0.03)
                await _end_other_sessions(database)

        async def write(writer: int) -> list[Receipt]:
            return [
                receipt
                for n in range(40)
                for receipt in await ledger.append([fact(f"{writer}-{n}")])
            ]

        parts = await asyncio.gather(*(write(writer) for writer in range(8)), cut())
        await ledger.close()
        return [receipt for part in parts if part for receipt in part]

    receipts = asyncio.run(work())

    assert {receipt.status for receipt in receipts} == {Status.ACCEPTED}
    assert len(checked(database)) == 320


def test_a_reply_lost_after_the_commit_is_found_again(
    database: str, fact: Fact, checked: Checked
) -> None:
    first, revised = fact("r1", "1"), fact("r1", "2", day="2024-06-20")

    async def work(conninfo: str, proxy: "Proxy") -> tuple[list[Receipt], list[Receipt]]:
        ledger = await Ledger.open(conninfo)
        proxy.lose_next_commit()
        lost = await ledger.append([first, fact("r2")])
        proxy.lose_next_commit()
        lost += await ledger.append([revised])
        again = await ledger.append([fact("r1", "1"), fact("r1", "2", day="2024-06-20")])
        await ledger.close()
        assert proxy.lost == 2
        return lost, again

    lost, again = asyncio.run(_through_proxy(database, work))

    assert [receipt.status.value for receipt in lost] == ["accepted", "accepted", "corrected"]
    assert [receipt.status.value for receipt in again] == ["duplicate", "duplicate"]
    assert [receipt.event_id for receipt in again] == [first.id, revised.id]
    assert [receipt.position for receipt in again] == [1, 3]
    assert len(checked(database)) == 3


def test_a_database_that_stays_away_is_said_so(database: str, fact: Fact, checked: Checked) -> None:
    async def work(conninfo: str, proxy: "Proxy") -> None:
        ledger = await Ledger.open(conninfo, patience_seconds=0.3)
        await proxy.stop()
        with pytest.raises(Unavailable):
            await ledger.append([fact("r1")])
        await proxy.start()
        [receipt] = await ledger.append([fact("r1")])
        assert receipt.status is Status.ACCEPTED
        await ledger.close()

    asyncio.run(_through_proxy(database, work))

    assert len(checked(database)) == 1


def test_a_database_that_refuses_to_write_is_no_fault_of_the_facts(
    database: str, fact: Fact, checked: Checked
) -> None:
    async def work() -> None:
        ledger = await Ledger.open(database, patience_seconds=0.3)
        await _run(database, "REVOKE INSERT ON ledger.heads FROM ledger_app")
        with pytest.raises(Unavailable):
            await ledger.append([fact("r1")])
        await _run(database, "GRANT INSERT ON ledger.heads TO ledger_app")
        [receipt] = await ledger.append([fact("r1")])
        assert receipt.status is Status.ACCEPTED
        await ledger.close()

    asyncio.run(work())

    assert len(checked(database)) == 1


class Proxy:
    """Stands between the ledger and its database and can lose what the database answers."""

    def __init__(self, database: str) -> None:
        given = conninfo_to_dict(database)
        self._folder = str(given["host"])
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._losing = False
        self.lost = 0
        self.port = 0

    def lose_next_commit(self) -> None:
        self._losing = True

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        while self._writers:
            for writer in list(self._writers):
                writer.close()
            await asyncio.sleep(0.01)

    async def _serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_unix_connection(f"{self._folder}/.s.PGSQL.5432")
        self._writers |= {to_client, to_server}

        async def ask() -> None:
            while data := await client.read(65_536):
                to_server.write(data)
            to_server.close()

        async def answer() -> None:
            while data := await server.read(65_536):
                # Within a group the server is never ready and idle until it has committed.
                if self._losing and data.endswith(b"Z\x00\x00\x00\x05I"):
                    self._losing = False
                    self.lost += 1
                    break
                to_client.write(data)
            to_client.close()

        await asyncio.gather(ask(), answer(), return_exceptions=True)
        to_server.close()
        self._writers -= {to_client, to_server}


async def _through_proxy(database: str, work: Callable[[str, Proxy], Awaitable[Any]]) -> Any:
    if not str(conninfo_to_dict(database).get("host", "")).startswith("/"):
        pytest.skip("the proxy speaks to a local socket")
    proxy = Proxy(database)
    await proxy.start()
    try:
        conninfo = make_conninfo(database, host="127.0.0.1", port=proxy.port, sslmode="disable")
        return await work(conninfo, proxy)
    finally:
        await proxy.stop()


async def _end_other_sessions(database: str) -> None:
    await _run(
        database,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )


async def _run(database: str, statement: str) -> None:
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
        await connection.execute(statement.encode())
