"""What cannot be read is told as that, and hides nothing of what else is wrong."""

import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from ledger.verification.signatures import Trust
from ledger.verification.together import ProcessEnded, parts
from ledger.verification.verify import verify
from server.program import program
from tests.attacks.attack import attack
from tests.attacks.conftest import Scene
from tests.attacks.histories import SIGNED, SIZE, flipped

FOR_LONG = 10_000_000
"""So many events are more than a test waits for; the processes are ended before."""


@attack(
    61,
    "put something that is no key beside a checkpoint, to end the verification early",
    "`lifecycle verify`: `signatures`, and all other checks as ever",
)
@pytest.mark.parametrize("size", [SIGNED[0], SIGNED[-1]])
def test_a_malformed_key_beside_a_checkpoint_hides_nothing(scene: Scene, size: int) -> None:
    with scene.unguarded() as connection:
        connection.execute(
            "UPDATE ledger.checkpoints SET verifier_key = 'none' WHERE size = %s", [size]
        )
        connection.execute("UPDATE ledger.events SET bytes = bytes || ' ' WHERE position = 9")
        connection.execute("DROP TRIGGER only_grows ON ledger.mentions")
        # The guards are put back as if nothing had happened, but for this one.
        connection.execute(
            "CREATE TRIGGER only_grows BEFORE DELETE ON ledger.mentions"
            " FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()"
        )

    verdict = scene.verify("--against", scene.keep())

    assert verdict.code == 1
    assert verdict.found.keys() >= {"signatures", "leaf_hash", "guards"}
    assert "unreadable" not in verdict.found
    assert "This is no key of a signed note" in verdict.messages


NO_EVENT: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "nothing": ("unreadable_event", lambda _: b""),
    "too deep": ("unreadable_event", lambda _: b"[" * 20_000),
    "no UTF-8": ("unreadable_event", lambda data: data.replace(b"municipal", b"\xff")),
    "no list": ("unreadable_event", lambda data: data.replace(b'"list_id"', b'"list"')),
    "no zone": (
        "columns",
        lambda data: re.sub(rb'"recorded_at":"[^"]*"', b'"recorded_at":"2024-06-19"', data),
    ),
    "no key": (
        "attestations",
        lambda data: re.sub(rb'"stream":"[^"]*"', b'"stream":"ledger/keys"', data).replace(
            b'"ProjectListed"', b'"ActorKeyChanged"'
        ),
    ),
}


@attack(
    63,
    "store under its own hash what is no event, to end the verification early",
    "`lifecycle verify`: `tiles`; it names the event and makes all other checks",
)
@pytest.mark.parametrize(("check", "changed"), NO_EVENT.values(), ids=NO_EVENT.keys())
def test_what_is_no_event_hides_nothing(
    scene: Scene, check: str, changed: Callable[[bytes], bytes]
) -> None:
    with scene.unguarded() as connection:
        [(data,)] = connection.execute(
            "SELECT bytes FROM ledger.events WHERE position = 23 AND kind = 'ProjectListed'"
        ).fetchall()
        stored = changed(data)
        assert stored != data
        connection.execute(
            "UPDATE ledger.events SET bytes = %s, leaf_hash = sha256('\\x00'::bytea || %s)"
            " WHERE position = 23",
            [stored, stored],
        )
        if check == "attestations":
            connection.execute(
                "UPDATE ledger.events SET stream = 'ledger/keys', kind = 'ActorKeyChanged'"
                " WHERE position = 23"
            )
        connection.execute(f"UPDATE ledger.tiles SET hashes = {flipped('hashes', 9)}".encode())

    verdict = scene.verify()

    assert verdict.code == 1
    assert verdict.found.keys() >= {check, "tiles"}
    assert verdict.found["tiles"] >= SIZE // 256
    assert json.loads(verdict.messages.removesuffix("1"))["read"]["events"] == SIZE


def test_a_check_that_cannot_be_made_hides_no_other(scene: Scene) -> None:
    with psycopg.connect(scene.office.database, autocommit=True) as connection:
        connection.execute("ALTER TABLE ledger.pending RENAME TO hidden")
        connection.execute("ALTER TABLE ledger.aliases DISABLE TRIGGER ALL")

    verdict = scene.verify()

    assert verdict.code == 1
    assert verdict.found.keys() == {"unreadable", "guards"}
    assert "could not be checked: relation" in verdict.messages
    assert "the trigger only_grows on aliases" in verdict.messages


def test_a_lost_connection_is_told_as_that(scene: Scene) -> None:
    def lose(_done: int, _total: int) -> None:
        with psycopg.connect(scene.office.database, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    found = verify(scene.office.database, lose, Trust(), processes=1)

    assert found.findings.counts == {"unreadable": 1}
    [finding] = found.findings.first
    assert f"reading ended at {SIZE} of {SIZE} events" in finding.message


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("host=nowhere.invalid", "not everything could be checked"),
        (None, "keep this ledger as it is"),
    ],
)
def test_who_cannot_read_is_not_sent_to_the_auditors(
    scene: Scene, address: str | None, told: str
) -> None:
    with scene.unguarded() as connection:
        connection.execute("UPDATE ledger.events SET bytes = bytes || ' ' WHERE position = 9")
    result = CliRunner().invoke(
        program,
        ["verify", "--data", str(scene.office.folder)],
        env={"DATABASE_URL": address or scene.office.database},
    )

    assert (result.exit_code, told in result.output) == (1, True)


def test_a_killed_process_ends_the_verification(scene: Scene) -> None:
    with closing(parts(scene.office.database, FOR_LONG, 2)) as found:
        next(found)
        [process] = multiprocessing.active_children()
        process.kill()

        with pytest.raises(ProcessEnded):
            list(found)


def test_processes_end_with_the_one_that_started_them(scene: Scene, tmp_path: Path) -> None:
    program = tmp_path / "begin.py"
    program.write_text(
        "import multiprocessing, sys, time\n"
        "from ledger.verification.together import parts\n"
        "if __name__ == '__main__':\n"
        f"    found = parts(sys.argv[1], {FOR_LONG}, 2)\n"
        "    next(found)\n"
        "    print(multiprocessing.active_children()[0].pid, flush=True)\n"
        "    for _ in found:\n"
        "        pass\n"
    )
    command = [sys.executable, str(program), scene.office.database]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as begun:
        assert begun.stdout is not None
        other = int(begun.stdout.readline())
        begun.kill()

    try:
        for _ in range(100):
            if not _runs(other):
                break
            time.sleep(0.1)
        assert not _runs(other)
    finally:
        if _runs(other):
            os.kill(other, signal.SIGKILL)


def _runs(process: int) -> bool:
    """Tell whether a process is there; one that has ended and is not yet collected is not."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return "State:\tZ" not in status
