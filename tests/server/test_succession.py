"""Keys change, restores are declared, tokens and stream heads are recorded: all as events."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from domain.draft import Draft
from domain.envelope import leaf_hash
from ledger.checkpoint import Checkpoint
from ledger.clock import utc_now
from ledger.key_file import new_signer
from ledger.ledger import Ledger
from ledger.note import Note
from ledger.proof import check_inclusion
from ledger.reading import ledger_events
from ledger.stream_heads import head_proof, heads_root, stream_heads
from ledger.verification.signatures import Trust
from ledger.verification.verify import verify
from server.clerk import keep_once, record_stream_heads
from server.configuration import digests
from server.house import opened
from server.program import program
from server.settings import Settings
from tests.ledger.conftest import make_fact

Run = Callable[..., Any]
KINDS = ["KeyRotated", "IncarnationDeclared", "TokenChanged", "StreamHeads", "ErasureApproved"]


def append(database: str, facts: Sequence[Draft], **options: Any) -> None:
    async def run() -> None:
        ledger = await Ledger.open(database, **options)
        await ledger.append(facts)
        await ledger.close()

    asyncio.run(run())


@pytest.fixture
def lifecycle(database: str, tmp_path: Path) -> Run:
    """Give what runs a command on the test's ledger, and expects it to end well."""

    def run(*arguments: str, code: int = 0) -> Any:
        result = CliRunner().invoke(
            program,
            [*arguments, "--data", str(tmp_path), "--json"],
            env={"DATABASE_URL": database, "LIFECYCLE_ORIGIN": "ledger.example/wujin"},
        )
        assert result.exit_code == code, (result.output, result.exception)
        return json.loads(result.stdout) if result.stdout else result.exception

    return run


def told(database: str) -> list[tuple[str, dict[str, Any], str | None]]:
    with psycopg.connect(database) as connection:
        events = ledger_events(connection, KINDS)
    return [(event.kind, event.payload, event.reason) for event in events]


def test_a_key_is_rotated_and_the_ledger_still_verifies(database: str, lifecycle: Run) -> None:
    append(database, [make_fact("r1")])
    before = lifecycle("ledger", "sign")["checkpoint"]
    key = lifecycle("ledger", "rotate-key", "--reason", "the old one was copied")["verifier_key"]
    after = lifecycle("ledger", "sign")["checkpoint"]

    [(kind, payload, reason)] = told(database)
    assert (kind, reason) == ("KeyRotated", "the old one was copied")
    assert payload["verifier_key"] == key
    assert before.split("\n— ")[1][:40] != after.split("\n— ")[1][:40]
    found = lifecycle("verify", "--key", key)
    assert found["ok"]
    assert found["read"]["checkpoints"] == 2


def test_any_key_of_a_ledger_goes_with_any_checkpoint_that_was_kept(
    database: str, lifecycle: Run, tmp_path: Path
) -> None:
    keys, kept, published = [], [], tmp_path / "published"
    for number in range(3):
        if number:
            lifecycle("ledger", "rotate-key", "--reason", "once a year")
        append(database, [make_fact(f"r{number}")])
        kept.append(tmp_path / f"kept-{number}")
        kept[-1].write_text(lifecycle("ledger", "sign")["checkpoint"])
        lifecycle("ledger", "export", str(published))
        keys.append((published / "verifier-key").read_text().strip())
    assert len(set(keys)) == len(keys)

    for key in keys:
        for checkpoint in kept:
            lifecycle("verify", "--key", key, "--against", str(checkpoint))
    for checkpoint in kept:
        first = ("--key", keys[0], "--against", str(checkpoint))
        offline = CliRunner().invoke(program, ["verify", "--published", str(published), *first])
        assert offline.exit_code == 0, offline.output
    foreign = new_signer("ledger.example/wujin").verifier.text
    for place in ([], ["--published", str(published)]):
        refused = CliRunner().invoke(
            program,
            ["verify", *place, "--key", foreign, "--data", str(tmp_path)],
            env={"DATABASE_URL": database},
        )
        assert refused.exit_code == 1


def test_a_restored_ledger_signs_only_as_a_declared_incarnation(
    database: str, lifecycle: Run, tmp_path: Path
) -> None:
    append(database, [make_fact("r1"), make_fact("r2")])
    checkpoint = Checkpoint.of(Note.parse(lifecycle("ledger", "sign")["checkpoint"]))
    refused = lifecycle("ledger", "declare-incarnation", "second", "--reason", "why", code=1)
    assert refused.code == "nothing_to_declare"
    _set_back(database)

    assert lifecycle("ledger", "sign", code=1).code == "database_behind"
    assert "checkpoints" in lifecycle("verify", code=1)["found"]
    assert "database_behind" in lifecycle("status", code=1)["signing"]["problem"]
    declared = lifecycle("ledger", "declare-incarnation", "second", "--reason", "disk lost")
    assert declared["previous_size"] == checkpoint.size == 2
    assert declared["resumed_size"] == 1
    signed = Checkpoint.of(Note.parse(lifecycle("ledger", "sign")["checkpoint"]))
    assert (signed.origin, signed.size) == ("ledger.example/wujin/second", 2)
    verified = lifecycle("verify")
    assert verified["ok"]
    # What no check can find is said with every verdict.
    assert any("may be emptied" in each for each in verified["not_covered"])
    kept = tmp_path / "kept"
    kept.write_text(declared["previous_checkpoint"])
    assert "against" in lifecycle("verify", "--against", str(kept), code=1)["found"]


def _set_back(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        for table in ("events", "heads", "checkpoints", "person_names"):
            connection.execute(f"ALTER TABLE ledger.{table} DISABLE TRIGGER ALL".encode())
        connection.execute("DELETE FROM ledger.events WHERE position > 1")
        connection.execute("DELETE FROM ledger.heads")
        connection.execute(
            "INSERT INTO ledger.heads SELECT 1, 0, leaf_hash, recorded_at FROM ledger.events"
        )
        connection.execute("DELETE FROM ledger.checkpoints")
        for table in ("events", "heads", "checkpoints", "person_names"):
            connection.execute(
                f"ALTER TABLE ledger.{table} ENABLE ALWAYS TRIGGER only_grows".encode()
            )
        connection.execute("ALTER TABLE ledger.person_names ENABLE ALWAYS TRIGGER only_erasure")


def test_tokens_are_recorded_once_there_is_a_ledger(database: str, lifecycle: Run) -> None:
    maker = ("--actor", "clerk", "--org", "bureau", "--name", "王某")
    lifecycle("token", "create", "early", *maker)
    assert told(database) == []
    append(database, [make_fact("r1")])
    lifecycle("token", "create", "late", *maker, "--system", "register")

    kinds = [(kind, payload["act"], payload["label"]) for kind, payload, _ in told(database)]
    assert kinds == [("TokenChanged", "created", "early"), ("TokenChanged", "created", "late")]
    assert told(database)[1][1]["systems"] == ["register"]
    assert "王某" not in str(told(database))


def test_a_day_is_closed_with_the_heads_of_all_streams(database: str, tmp_path: Path) -> None:
    yesterday = utc_now() - timedelta(days=1)
    facts = [make_fact(f"r{number}", stream=f"project/{number % 3}") for number in range(7)]
    append(database, facts, clock=lambda: yesterday)

    async def close() -> list[bool]:
        async with opened(Settings(data=tmp_path), database) as house:
            return [await record_stream_heads(house) for _ in range(2)]

    assert asyncio.run(close()) == [True, False]
    [(_, payload, _)] = told(database)
    with psycopg.connect(database) as connection:
        heads = stream_heads(connection, 7)
    assert [(head.stream, head.version) for head in heads] == [
        ("project/0", 3),
        ("project/1", 2),
        ("project/2", 2),
    ]
    assert payload["heads_root"] == heads_root(heads).hex()
    leaf = leaf_hash(heads[1].entry)
    check_inclusion(leaf, 1, 3, head_proof(heads, 1), heads_root(heads))
    found = verify(database, lambda *_: None, Trust(), processes=1)
    assert (found.ok, found.read["snapshots"]) == (True, 1)


def test_a_day_is_closed_though_the_next_one_has_begun(database: str, tmp_path: Path) -> None:
    yesterday = utc_now() - timedelta(days=1)
    append(database, [make_fact("r1")], clock=lambda: yesterday)
    append(database, [make_fact("r2")])

    async def close() -> list[bool]:
        async with opened(Settings(data=tmp_path), database) as house:
            return [await record_stream_heads(house) for _ in range(2)]

    assert asyncio.run(close()) == [True, False]
    [(_, payload, _)] = told(database)
    assert payload["size"] == 2


def test_what_a_server_heeds_is_recorded_when_it_is_other_than_before(
    database: str, tmp_path: Path
) -> None:
    issuers = tmp_path / "issuers.toml"

    def start() -> list[dict[str, Any]]:
        async def work() -> None:
            settings = Settings(data=tmp_path, issuers=issuers if issuers.exists() else None)
            async with opened(replace(settings, issuers=None), database) as house:
                await keep_once(house, digests(settings))

        asyncio.run(work())
        with psycopg.connect(database) as connection:
            return [event.payload for event in ledger_events(connection, ["SettingChanged"])]

    issuers.write_text("one")
    assert start() == [], "there is no ledger to record it in"
    append(database, [make_fact("r1")])
    one = {"setting": "issuers", "sha256": sha256(b"one").hexdigest()}
    assert start() == start() == [one]
    issuers.write_text("other")
    other = {"setting": "issuers", "sha256": sha256(b"other").hexdigest()}
    assert start() == [one, other]
    issuers.unlink()
    assert start() == start() == [one, other, {"setting": "issuers"}]


def test_what_cannot_be_recorded_holds_up_no_other_duty(
    database: str, lifecycle: Run, tmp_path: Path
) -> None:
    maker = ("--actor", "clerk", "--org", "bureau")
    assert lifecycle("token", "create", "x" * 3000, *maker, code=1).field == "token.label"
    for label in ("slipped in", "given"):
        lifecycle("token", "create", label, *maker)
    with psycopg.connect(database) as connection:
        connection.execute("ALTER TABLE ledger.tokens DISABLE TRIGGER ALL")
        # No event can hold a label of that length.
        connection.execute(
            "UPDATE ledger.tokens SET label = repeat('x', 3000) WHERE label = 'slipped in'"
        )
        connection.execute("ALTER TABLE ledger.tokens ENABLE ALWAYS TRIGGER only_grows")
    append(database, [make_fact("r1")], clock=lambda: utc_now() - timedelta(days=1))

    async def keep() -> None:
        async with opened(Settings(data=tmp_path), database) as house:
            await keep_once(house, {})

    asyncio.run(keep())
    assert [kind for kind, _, _ in told(database)] == ["TokenChanged", "StreamHeads"]
