"""What needs two persons gets two, and what only looks approved is found."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import psycopg

from domain.envelope import Actor, read_event
from domain.four_eyes import digest_of, with_approval, without_approvals
from domain.kinds import KINDS
from domain.policies import preset
from ledger.reading import ledger_events
from tests.attacks.attack import attack
from tests.attacks.conftest import Scene
from tests.attacks.histories import append, fact

NAME = "王某"
SECOND = '"approvals":[{"actor":{"id":"second"'


def _adoption(
    kind: str = "Commissioned", *, version: str = "1", begins: str = "2000-01-01"
) -> dict[str, Any]:
    """Give the adoption of a policy by which another kind, too, needs two persons."""
    policy = preset("four-eyes/default@1")
    body = policy.body.replace('"ErasureApproved"', f'"ErasureApproved", "{kind}"')
    body = body.replace('version = "1"', f'version = "{version}"').replace("2000-01-01", begins)
    return {
        "policy_id": policy.id,
        "kind": policy.kind,
        "version": version,
        "effective_from": begins,
        "sha256": sha256(body.encode()).hexdigest(),
        "body": body,
    }


def test_kinds_on_the_list_need_two_persons_from_then_on(
    lifecycle: Callable[..., Any], second: str
) -> None:
    adoption = _adoption()
    lines = [
        _event("PolicyAdopted", "P-1", adoption, subject=f"policy/{adoption['policy_id']}"),
        _event("Commissioned", "C-1", KINDS["Commissioned"].example, subject="project/p1"),
    ]
    assert lifecycle("append", text=lines[0])["status"] == "accepted"
    receipt = lifecycle("append", text=lines[1], code=1)
    assert (receipt["status"], receipt["code"]) == ("quarantined", "needs_approval")
    again = lifecycle("append", text=lines[1], code=1)
    assert again["status"] == "quarantined"
    waiting = [row for row in lifecycle("quarantine") if row["code"] == "needs_approval"]
    assert len(waiting) == 1
    number = str(waiting[0]["number"])
    for option, value, code in (
        ("--right", "read", "forbidden"),
        ("--kind", "LandDelivered", "forbidden"),
        ("--region", "321102", "nothing_pending"),
    ):
        third = ("--actor", "third", "--org", "audit office")
        token = lifecycle("token", "create", value, *third, option, value)["token"]
        assert lifecycle("approve", number, token=token, code=1).code == code

    done = lifecycle("approve", number, token=second)
    assert done["status"] == "accepted"
    assert lifecycle("append", text=lines[1])["status"] == "duplicate"
    assert lifecycle("verify")["ok"]


def test_a_next_version_takes_kinds_off_the_list(lifecycle: Callable[..., Any]) -> None:
    first, second = _adoption(), _adoption("LandDelivered", version="2", begins="2001-01-01")
    policy = f"policy/{first['policy_id']}"
    for number, adoption in enumerate((first, second)):
        line = _event("PolicyAdopted", f"P-{number}", adoption, subject=policy)
        assert lifecycle("append", text=line)["status"] == "accepted"
    for kind, code in (("Commissioned", None), ("LandDelivered", "needs_approval")):
        line = _event(kind, kind, KINDS[kind].example, subject="project/p1")
        receipt = lifecycle("append", text=line, code=1 if code else 0)
        assert receipt.get("code") == code, receipt
    assert lifecycle("verify")["ok"]


def _event(kind: str, record: str, data: dict[str, Any], *, subject: str) -> str:
    event = {
        "specversion": "1.0",
        "type": kind,
        "source": "/sources/register",
        "id": record,
        "subject": subject,
        "time": "2024-07-01T00:00:00Z",
        "reason": "as decided",
        "data": data,
    }
    return json.dumps(event) + "\n"


def test_an_approval_can_be_taken_out_again_and_compared(scene: Scene) -> None:
    with psycopg.connect(scene.office.database) as connection:
        [(data,)] = connection.execute(
            "SELECT bytes FROM ledger.events WHERE position = 30"
        ).fetchall()
    body = data[len(b'{"body":') : data.rindex(b',"format":')]
    approved = with_approval(body, Actor("second", "audit office", "auditor", name="赵某"))

    assert without_approvals(approved) == body
    event = read_event(30, data.replace(body, approved), None)
    [approval] = event.approvals
    assert approval.body_sha256 == digest_of(body)
    assert approval.actor == Actor("second", "audit office", "auditor")


@attack(27, "approve alone, or other bytes than were sent", "`lifecycle verify`: `four_eyes`")
def test_a_false_approval_is_found(
    scene: Scene, lifecycle: Callable[..., Any], second: str
) -> None:
    lifecycle("erase", "--person", NAME, "--reason", "asked by the person")
    [waiting] = [row for row in lifecycle("quarantine") if row["code"] == "needs_approval"]
    lifecycle("approve", str(waiting["number"]), token=second)
    for old, new in (
        ("asked by the person", "asked by the mayor!"),
        (SECOND, SECOND.replace("second", _me(scene))),
        ('"approvals":[{', '"approvalz":[{'),
    ):
        with scene.unguarded() as connection:
            connection.execute(
                "UPDATE ledger.events SET bytes = convert_to(replace(convert_from(bytes,"
                " 'UTF8'), %s, %s), 'UTF8') WHERE kind = 'ErasureApproved'",
                [old, new],
            )
        assert "four_eyes" in scene.verify().found, new
        with scene.unguarded() as connection:
            connection.execute(
                "UPDATE ledger.events SET bytes = convert_to(replace(convert_from(bytes,"
                " 'UTF8'), %s, %s), 'UTF8') WHERE kind = 'ErasureApproved'",
                [new, old],
            )
    assert scene.verify().found == {}


def test_a_false_approval_of_what_needed_none_is_found(scene: Scene) -> None:
    alone = '{"body":{"actor":{"id":"clerk","org":"bureau","role":"steward"},'
    approval = alone.removeprefix('{"body":{').removesuffix(",")
    approvals = f'"approvals":[{{{approval},"body_sha256":"{"0" * 64}"}}],'
    with scene.unguarded() as connection:
        changed = connection.execute(
            "UPDATE ledger.events SET bytes = convert_to(replace(convert_from(bytes,"
            " 'UTF8'), %s, %s), 'UTF8') WHERE position = 24",
            [alone, alone + approvals],
        )
        assert changed.rowcount == 1

    assert scene.verify().found["four_eyes"] == 1


def _me(scene: Scene) -> str:
    with psycopg.connect(scene.office.database) as connection:
        [event] = ledger_events(connection, ["ErasureApproved"])
    return event.actor.id


@attack(58, "append past the intake what needs two persons", "`lifecycle verify`: `four_eyes`")
def test_what_nobody_approved_is_found_under_the_policy(scene: Scene) -> None:
    adoption = _adoption()
    adopted = datetime(2025, 1, 1, tzinfo=UTC)
    policy_fact = fact(
        1, "PolicyAdopted", payload=adoption, stream=f"policy/{adoption['policy_id']}"
    )
    append(scene.office.database, [policy_fact], lambda: adopted)
    append(scene.office.database, [fact(2, "Commissioned")], lambda: adopted)
    assert scene.verify().found == {}, "not everybody could know of it yet"

    later = adopted + timedelta(minutes=5)
    append(scene.office.database, [fact(3, "Commissioned")], lambda: later)
    verdict = scene.verify()
    assert (verdict.code, verdict.found) == (1, {"four_eyes": 1})

    successor = _adoption("LandDelivered", version="2", begins="2025-01-03")
    next_fact = fact(
        4, "PolicyAdopted", payload=successor, stream=f"policy/{successor['policy_id']}"
    )
    append(scene.office.database, [next_fact], lambda: later)
    append(scene.office.database, [fact(5, "Commissioned")], lambda: later)
    assert scene.verify().found == {"four_eyes": 2}, "the next version has not begun yet"
    begun = datetime(2025, 1, 4, tzinfo=UTC)
    append(scene.office.database, [fact(6, "Commissioned")], lambda: begun)
    assert scene.verify().found == {"four_eyes": 2}, "it lists other kinds"
    append(scene.office.database, [fact(7, "LandDelivered")], lambda: begun)
    assert scene.verify().found == {"four_eyes": 3}
