"""What lies beside the tree is compared with the events in it."""

import json
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from domain.kinds import KINDS
from ledger.reading import ledger_events
from server.program import program
from tests.attacks.attack import attack
from tests.attacks.conftest import Scene

VERIFY = "`lifecycle verify`: "
STARTED = KINDS["ConstructionStarted"].example


def run(scene: Scene, *arguments: str, text: str = "") -> str:
    result = CliRunner().invoke(
        program,
        [*arguments, "--data", str(scene.office.folder)],
        env={"DATABASE_URL": scene.office.database},
        input=text,
    )
    return result.stdout


def line(record: str, data: dict[str, Any], subject: str = "project/p1") -> str:
    event = {
        "specversion": "1.0",
        "type": "ConstructionStarted",
        "source": "/sources/register",
        "id": record,
        "subject": subject,
        "time": "2024-07-01T00:00:00Z",
        "data": data,
    }
    return json.dumps(event) + "\n"


@pytest.fixture
def busy(scene: Scene) -> Scene:
    """Give a ledger with tokens, one of them revoked, and with receipts of every sort."""
    run(scene, "token", "create", "given", "--actor", "a", "--org", "o", "--name", "钱某")
    run(scene, "token", "create", "revoked", "--actor", "b", "--org", "o")
    run(scene, "token", "revoke", "revoked")
    facts = [line("C-1#2", STARTED), line("C-1#1", {**STARTED, "self_reported": True})]
    facts += [line("C-2", STARTED, "project/nobody"), line("C-3", {})]
    run(scene, "append", text="".join(facts))
    run(scene, "append", text=line("C-1#2", STARTED))
    assert scene.verify().found == {}
    return scene


def attacked(scene: Scene, *statements: str) -> dict[str, int]:
    """Do something as superuser and give what is found."""
    with scene.unguarded() as connection:
        for statement in statements:
            assert connection.execute(statement.encode()).rowcount > 0, statement
    return scene.verify().found


@attack(47, "change what a token may do, or make a revoked one valid again", VERIFY + "`tokens`")
def test_a_changed_token_is_found(busy: Scene) -> None:
    more = (
        "UPDATE ledger.tokens SET rights = rights || 'admin'::text, org = 'x' WHERE label = 'given'"
    )
    again = "DELETE FROM ledger.token_revocations"
    assert attacked(busy, more) == {"tokens": 2}
    assert attacked(busy, again) == {"tokens": 3}
    assert attacked(busy, "DELETE FROM ledger.tokens") == {"tokens": 3}


@attack(48, "change receipts, or drop what they say is kept", VERIFY + "`receipts`")
def test_changed_receipts_are_found(busy: Scene) -> None:
    rows = "UPDATE ledger.batch_rows SET status = 'accepted' WHERE status = 'rejected'"
    assert attacked(busy, rows) == {"receipts": 1}
    found = 1
    for statement in (
        "UPDATE ledger.batch_parts SET counts = '{9,9,9,9,9,9}'",
        "DELETE FROM ledger.quarantine",
        "DELETE FROM ledger.superseded",
    ):
        verdict = attacked(busy, statement)
        assert set(verdict) == {"receipts"}
        assert verdict["receipts"] > found, statement
        found = verdict["receipts"]
    for other in ("(SELECT min(receipts) FROM ledger.batch_parts)", "''"):
        statement = f"UPDATE ledger.batch_parts SET receipts = {other}"
        assert set(attacked(busy, statement)) == {"receipts"}


def close(scene: Scene) -> dict[str, int]:
    """Close the books beside the ledger and give how many entries each had."""
    told = run(scene, "ledger", "close-books", "--json")
    assert scene.verify().found == {}
    closed: dict[str, int] = json.loads(told)["closed"]
    return closed


@attack(49, "put another secret under a token", VERIFY + "`tokens`, `books`")
def test_another_secret_of_a_token_is_found(busy: Scene) -> None:
    close(busy)
    other = "UPDATE ledger.tokens SET hash = sha256(hash) WHERE label = 'given'"
    assert attacked(busy, other) == {"tokens": 1, "books": 1}


@attack(59, "put another name under a token or a delivery that waits", VERIFY + "`names`")
def test_another_name_beside_the_tree_is_found(busy: Scene) -> None:
    other = """
    UPDATE ledger.person_names AS n SET value = o.value, salt = o.salt
    FROM (SELECT p.value, p.salt FROM ledger.person_names AS p
        JOIN ledger.events AS e ON e.id = p.event LIMIT 1) AS o
    WHERE n.event = (SELECT id FROM ledger.tokens WHERE label = 'given')
    """
    assert attacked(busy, other) == {"names": 1}


@attack(55, "slip a token in, dated before others", VERIFY + "`tokens`; later ones get an event")
def test_a_token_that_nobody_gave_out_is_found(busy: Scene) -> None:
    slipped = """
    INSERT INTO ledger.tokens (id, hash, label, actor, org, role, rights, created_at)
    SELECT gen_random_uuid(), sha256('mine'), 'slipped in', 'x', 'x', 'x', '{admin}',
        now() - interval '1 day'
    """
    assert attacked(busy, slipped) == {"tokens": 1}
    with busy.unguarded() as connection:
        connection.execute("DELETE FROM ledger.tokens WHERE label = 'slipped in'")
    assert busy.verify().found == {}
    # One that claims to be new is told of in an event, as any other.
    assert attacked(busy, slipped.replace("- interval '1 day'", "")) == {}
    run(busy, "token", "create", "next", "--actor", "c", "--org", "o")
    with psycopg.connect(busy.office.database) as connection:
        labels = [e.payload["label"] for e in ledger_events(connection, ["TokenChanged"])]
    assert labels.count("slipped in") == 1
    assert busy.verify().found == {}


CHANGES = (
    "UPDATE ledger.quarantine SET delivery = 'another'",
    'UPDATE ledger.quarantine SET actor = \'{"id": "x"}\'',
    "UPDATE ledger.superseded SET body = 'another'",
    "UPDATE ledger.batches SET actor = 'another'",
    "UPDATE ledger.batch_rows SET cure = 'another' WHERE status = 'rejected'",
    "DELETE FROM ledger.denials",
)


@attack(50, "change what waits, was overtaken or refused", VERIFY + "`books`")
def test_what_a_closed_book_holds_cannot_be_changed(busy: Scene) -> None:
    run(busy, "append", text=line("C-9", STARTED, "project/nobody"))
    with psycopg.connect(busy.office.database) as connection:
        connection.execute(
            "INSERT INTO ledger.denials (denied_at, action, code, times)"
            " VALUES (now(), 'read', 'forbidden', 1)"
        )
    assert close(busy).keys() == {
        *("tokens", "revocations", "batches", "receipts", "refusals", "quarantine"),
        *("overtaken", "denials", "checkpoints"),
    }
    for found, change in enumerate(CHANGES, start=1):
        verdict = attacked(busy, change)
        # The quarantine is one book, whatever of it is changed.
        assert verdict == {"books": found - (found > 1)}, change


@attack(51, "remove receipts with all that was kept of them, or slip some in", VERIFY + "`books`")
def test_receipts_that_were_taken_away_are_missed(busy: Scene) -> None:
    close(busy)
    with psycopg.connect(busy.office.database) as connection:
        [(batch,)] = connection.execute(
            "SELECT batch FROM ledger.batch_rows WHERE status = 'duplicate'"
        ).fetchall()
    verdict = attacked(
        busy,
        f"DELETE FROM ledger.batch_rows WHERE batch = '{batch}'",
        f"DELETE FROM ledger.batch_parts WHERE batch = '{batch}'",
        f"DELETE FROM ledger.batches WHERE id = '{batch}'",
    )
    assert verdict == {"books": 3}


def test_books_are_closed_one_after_the_other_and_tell_what_is_open(busy: Scene) -> None:
    assert close(busy)["tokens"] == 2
    assert close(busy) == {}
    run(busy, "append", text=line("C-1#2", STARTED))
    told = json.loads(busy.verify().messages.removesuffix("None"))["not_covered"]
    assert told[-1].endswith("of batches, receipts, refusals")
    assert close(busy).keys() == {"batches", "receipts", "refusals"}
    told = json.loads(busy.verify().messages.removesuffix("None"))
    assert (told["found"], len(told["not_covered"])) == ({}, 1)
    # What was emptied lawfully raises no alarm.
    with psycopg.connect(busy.office.database) as connection:
        connection.execute("UPDATE ledger.batch_rows SET payload = NULL, value = NULL")
    assert busy.verify().found == {}
