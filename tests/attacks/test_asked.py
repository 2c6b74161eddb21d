"""Auditors ask over GraphQL: the head, the integrity, proofs; and bad questions are refused."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from api import query_proof
from api.database import Readers
from api.engine import Engine
from api.serving import own_contract

from ledger.note import Note
from ledger.proof import check_consistency, check_inclusion
from ledger.tlog_proof import TlogProof
from tests.attacks.conftest import Prepared, Scene
from tests.attacks.histories import SIZE
from tests.graphql.conftest import World

AUDIT = (
    Path(__file__).parents[2] / "graphql" / "operations" / "audit-integrity.graphql"
).read_text()
Ask = Callable[..., Any]


@pytest.fixture
def ask() -> Iterator[Ask]:
    """Give what asks the ledger behind a connection string."""
    worlds = []

    def asked(database: str, query: str, **variables: Any) -> Any:
        worlds.append(World(Engine(own_contract(), Readers(database))))
        return worlds[-1].ask(query, **variables)

    yield asked
    for world in worlds:
        world.close()


def test_an_auditor_sees_an_honest_ledger(prepared: Prepared, ask: Ask) -> None:
    told = ask(prepared.office.database, AUDIT)["data"]
    signer = prepared.office.signer.verifier

    assert told["ledger"]["size"] == SIZE
    assert told["ledger"]["checkpoint"] == prepared.notes[SIZE]
    assert told["ledger"]["signers"] == [{"name": signer.name, "keyId": signer.key_id.hex()}]
    assert told["integrity"] == {
        "ok": True,
        "checkedFrom": 1,
        "checkedTo": SIZE,
        "firstBroken": None,
        "problems": [],
    }


def test_an_auditor_sees_what_is_broken_and_where(scene: Scene, ask: Ask) -> None:
    with scene.unguarded() as connection:
        connection.execute("UPDATE ledger.events SET bytes = bytes || ' ' WHERE position = 300")

    told = ask(scene.office.database, AUDIT)["data"]["integrity"]
    assert (told["ok"], told["firstBroken"]) == (False, 300)
    assert {"leaf_hash", "tiles", "heads"} <= {each["kind"] for each in told["problems"]}
    part = "query Q($from: Int, $to: Int) { integrity(from: $from, to: $to) { ok firstBroken } }"
    for first, last, ok in ((1, 250, True), (290, 310, False), (300, 300, False)):
        answer = ask(scene.office.database, part, **{"from": first, "to": last})
        assert answer["data"]["integrity"]["ok"] is ok


def test_of_a_large_ledger_the_last_events_are_checked_and_the_answer_says_which(
    prepared: Prepared, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query_proof, "MOST_CHECKED", 300)
    monkeypatch.setattr(query_proof, "LAST_CHECKED", 100)
    part = (
        "query Q($from: Int, $to: Int)"
        " { integrity(from: $from, to: $to) { ok checkedFrom checkedTo } }"
    )

    def checked(**bounds: int) -> Any:
        return ask(prepared.office.database, part, **bounds)

    last = {"ok": True, "checkedFrom": SIZE - 99, "checkedTo": SIZE}
    assert checked()["data"]["integrity"] == last
    before = {"ok": True, "checkedFrom": 201, "checkedTo": 300}
    assert checked(to=300)["data"]["integrity"] == before
    [error] = checked(**{"from": 1})["errors"]
    assert error["extensions"]["reason"] == "too_many_events"


PROOF = "query Q($id: ID!) { proof(eventId: $id) { position leafHash size root hashes file } }"


def test_an_event_is_proved_to_an_auditor(prepared: Prepared, ask: Ask) -> None:
    event = prepared.drafts[299].id
    told = ask(prepared.office.database, PROOF, id=event)["data"]["proof"]
    leaf, root = bytes.fromhex(told["leafHash"]), bytes.fromhex(told["root"])
    hashes = [bytes.fromhex(part) for part in told["hashes"]]

    check_inclusion(leaf, told["position"] - 1, told["size"], hashes, root)
    proof = TlogProof.parse(told["file"].encode())
    assert proof.check(leaf, [prepared.office.signer.verifier]).root == root


def test_one_size_is_proved_to_continue_another(prepared: Prepared, ask: Ask) -> None:
    query = "{ consistency(from: 7, to: 600) { fromRoot toRoot hashes } }"
    told = ask(prepared.office.database, query)["data"]["consistency"]

    check_consistency(
        7,
        bytes.fromhex(told["fromRoot"]),
        SIZE,
        bytes.fromhex(told["toRoot"]),
        [bytes.fromhex(part) for part in told["hashes"]],
    )


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ('{ proof(eventId: "0190e1d3-0000-7000-8000-000000000000") { size } }', "no_such_event"),
        ('{ proof(eventId: "17") { size } }', None),
        ("{ consistency(from: 600, to: 601) { toRoot } }", "beyond_tree"),
        ("{ consistency(from: 60, to: 6) { toRoot } }", "reversed_sizes"),
        ("{ consistency(from: 0, to: 6) { toRoot } }", "beyond_tree"),
        ("{ consistency(from: -1, to: 6) { toRoot } }", "beyond_tree"),
        ("{ integrity(from: 1, to: 601) { ok } }", "beyond_tree"),
        ("{ integrity(from: 0, to: 6) { ok } }", "beyond_tree"),
        ("{ integrity(from: 7, to: 6) { ok } }", None),
    ],
)
def test_impossible_questions_are_refused_with_a_cure(
    prepared: Prepared, ask: Ask, query: str, reason: str | None
) -> None:
    answer = ask(prepared.office.database, query)

    [error] = answer["errors"]
    assert error["message"]
    assert error["extensions"].get("reason") == reason


def test_a_refusal_names_the_position_that_was_given(prepared: Prepared, ask: Ask) -> None:
    [error] = ask(prepared.office.database, "{ integrity(to: 65536) { ok } }")["errors"]
    assert (error["extensions"]["reason"], error["extensions"]["value"]) == ("beyond_tree", "65536")


def test_what_is_not_signed_yet_has_no_proof(scene: Scene, ask: Ask) -> None:
    with psycopg.connect(scene.office.database, autocommit=True) as connection:
        connection.execute("ALTER TABLE ledger.checkpoints DISABLE TRIGGER ALL")
        connection.execute("DELETE FROM ledger.checkpoints WHERE size = 600")

    answer = ask(scene.office.database, PROOF, id=scene.prepared.drafts[550].id)
    assert answer["errors"][0]["extensions"]["reason"] == "not_signed"
    assert Note.parse(scene.prepared.notes[500]).text


def test_an_empty_ledger_has_nothing_to_be_sure_of(database: str, ask: Ask) -> None:
    told = ask(database, AUDIT)["data"]

    assert (told["ledger"]["size"], told["ledger"]["checkpoint"]) == (0, None)
    assert told["ledger"]["signers"] == []
    assert not told["integrity"]["ok"]
    assert [each["kind"] for each in told["integrity"]["problems"]] == ["empty"]
