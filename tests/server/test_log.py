"""What is published over HTTP is enough to check the ledger without it."""

import time
from base64 import b64decode
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from domain.envelope import leaf_hash
from domain.kinds import KINDS
from ledger.checkpoint import Checkpoint
from ledger.key_file import KeyFile
from ledger.note import Note, Verifier
from ledger.proof import check_consistency
from ledger.tlog_proof import TlogProof
from ledger.tree import root_of, split
from server.settings import Settings

COUNT = 300
ANSWERS = [
    ("/tile/0/000.p/44", 200, None),
    ("/tile/0/001", 404, "no_such_tile"),
    ("/tile/0/002.p/1", 404, "no_such_tile"),
    ("/tile/0/1", 404, "no_such_tile"),
    ("/tile/0/000.p/256", 404, "no_such_tile"),
    ("/tile/0/000.p/0", 404, "no_such_tile"),
    ("/tile/00/000", 404, "no_such_tile"),
    ("/tile/1/000", 404, "no_such_tile"),
    ("/tile/64/000", 404, "no_such_tile"),
    ("/tile/x/000", 404, "no_such_tile"),
    (f"/tile/{'9' * 5000}/000", 404, "no_such_tile"),
    ("/tile/0/x000/000", 404, "no_such_tile"),
    ("/tile/0/x999/x999/x999/x999/x999/x999/999", 404, "no_such_tile"),
    ("/tile/entries/001", 404, "no_such_tile"),
    ("/proofs/consistency?from=3&to=301", 400, "beyond_tree"),
    ("/proofs/consistency?from=4&to=3", 400, "reversed_sizes"),
    ("/proofs/consistency?from=0&to=3", 400, "beyond_tree"),
    ("/proofs/consistency?from=a&to=3", 400, "invalid_value"),
    ("/proofs/consistency", 400, "invalid_value"),
    ("/proofs/events/none", 400, "invalid_value"),
    ("/proofs/events/0190e1d3-0000-7000-8000-000000000000", 404, "no_such_event"),
]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, signing_seconds=0.02, origin="ledger.example/wujin")


@pytest.fixture
def published(writer: TestClient) -> TestClient:
    events = [registration(number) for number in range(COUNT)]
    answer = writer.post(
        "/events", json=events, headers={"Content-Type": "application/cloudevents-batch+json"}
    )
    assert {receipt["status"] for receipt in answer.json()["receipts"]} == {"accepted"}
    deadline = time.monotonic() + 10
    while f"\n{COUNT}\n" not in writer.get("/checkpoint").text:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return writer


def registration(number: int) -> dict[str, object]:
    return {
        "specversion": "1.0",
        "type": "ProjectRegistered",
        "source": "/sources/approval",
        "id": f"XM-{number}",
        "subject": f"project/P{number}",
        "time": "2024-06-19T00:00:00Z",
        "data": KINDS["ProjectRegistered"].example,
    }


def verifier(settings: Settings) -> Verifier:
    signer = KeyFile(settings.signing_key).load()
    assert signer is not None
    return signer.verifier


def entries_of(data: bytes) -> list[bytes]:
    entries = []
    while data:
        length = int.from_bytes(data[:2], "big")
        entries.append(data[2 : 2 + length])
        data = data[2 + length :]
    return entries


def test_tiles_and_entries_give_the_signed_root(published: TestClient, settings: Settings) -> None:
    answer = published.get("/checkpoint")
    note = Note.parse(answer.content)
    checkpoint = Checkpoint.of(note)
    full, partial = published.get("/tile/0/000"), published.get("/tile/0/001.p/44")
    bundles = published.get("/tile/entries/000").content
    bundles += published.get("/tile/entries/001.p/44").content
    leaves = [*split(full.content), *split(partial.content)]

    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert note.check([verifier(settings)])
    assert (checkpoint.origin, checkpoint.size) == ("ledger.example/wujin", COUNT)
    assert root_of(leaves) == checkpoint.root
    assert [leaf_hash(entry) for entry in entries_of(bundles)] == leaves
    assert published.get("/tile/1/000.p/1").content == root_of(leaves[:256])
    assert full.headers["content-type"] == "application/octet-stream"
    assert "immutable" in full.headers["cache-control"]


def test_one_event_is_proved_by_a_file(published: TestClient, settings: Settings) -> None:
    [event] = [
        receipt["event_id"]
        for receipt in published.post("/events", json=registration(17)).json()["receipts"]
    ]
    text = published.get(f"/proofs/events/{event}").content
    proof = TlogProof.parse(text)
    [entry] = [
        entry
        for entry in entries_of(published.get("/tile/entries/000").content)
        if event.encode() in entry
    ]

    assert proof.check(leaf_hash(entry), [verifier(settings)]).size == COUNT
    assert proof.written.encode() == text
    assert proof.index == 17


def test_one_size_continues_another(published: TestClient) -> None:
    told = published.get("/proofs/consistency?from=17&to=300").json()

    check_consistency(
        17,
        b64decode(told["from_root"]),
        300,
        b64decode(told["to_root"]),
        [b64decode(part) for part in told["hashes"]],
    )


def test_whatever_is_asked_gets_a_clear_answer(published: TestClient) -> None:
    for path, status, code in ANSWERS:
        answer = published.get(path)

        assert answer.status_code == status, path
        if code:
            assert answer.json()["code"] == code, path
            assert answer.json()["cure"]


def test_before_the_first_event_nothing_is_signed(client: TestClient) -> None:
    answer = client.get("/checkpoint")

    assert (answer.status_code, answer.json()["code"]) == (404, "nothing_signed")
    assert client.get("/health").json()["signing"]["problem"] is None


def test_a_ledger_that_refuses_to_sign_says_so(published: TestClient, settings: Settings) -> None:
    settings.last_checkpoint.unlink()
    deadline = time.monotonic() + 10
    while (answer := published.get("/health")).status_code == 200:
        assert time.monotonic() < deadline
        time.sleep(0.01)

    assert answer.json()["status"] == "not signing"
    assert "missing_state" in answer.json()["signing"]["problem"]
