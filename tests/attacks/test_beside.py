"""What lies beside the tree is compared with the events in it."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from domain.kinds import KINDS
from server.program import program
from tests.attacks.attack import attack
from tests.attacks.conftest import Scene

VERIFY = "`lifecycle verify`: "
STARTED = KINDS["ConstructionStarted"].example


def run(scene: Scene, *arguments: str, text: str = "") -> None:
    CliRunner().invoke(
        program,
        [*arguments, "--data", str(scene.office.folder)],
        env={"DATABASE_URL": scene.office.database},
        input=text,
    )


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
