"""A witness cosigns what continues the history it saw, refuses the rest, and keeps the evidence."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx2
import psycopg
import pytest
import uvicorn
from starlette.testclient import TestClient

from ledger.checkpoint import Checkpoint
from ledger.checkpoints import last_signed
from ledger.cosignatures import cosigned_note, cosigners
from ledger.key_file import new_signer
from ledger.note import Algorithm, Note, Signer, Verifier
from ledger.tiles import consistency, read_tiles
from ledger.verification.signatures import root_at
from ledger.witness import Status, Witness
from ledger.witness_request import PATH, SIZE_TYPE, WitnessRequest
from server.settings import Settings
from server.witness import witness_application
from server.witnesses import BadWitnesses, policy_in
from server.witnessing import Witnessing
from tests.attacks.attack import attack
from tests.attacks.conftest import Prepared, Scene
from tests.attacks.dying_witness import STEPS
from tests.attacks.histories import KEPT, NAME, SIZE, Office
from tests.attacks.test_beside import attacked, close

COSIGNER = Signer("audit.example/witness", bytes(range(32)), Algorithm.COSIGNATURE)


@pytest.fixture
def client(prepared: Prepared, tmp_path: Path) -> TestClient:
    witness = Witness(COSIGNER, [prepared.office.signer.verifier], tmp_path / "witness")
    return TestClient(witness_application(witness))


def asked(database: str, note: str, old: int) -> bytes:
    """Give what a log sends about a checkpoint of its own."""
    hashes: tuple[bytes, ...] = ()
    size = Checkpoint.of(Note.parse(note)).size
    with psycopg.connect(database) as connection:
        if 0 < old < size:
            plan = consistency(old, size)
            hashes = tuple(plan.proof(read_tiles(connection, plan.wanted)))
    return WitnessRequest(old, hashes, note).written.encode()


def evidence(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "witness" / "evidence").glob("*"))


def test_a_witness_cosigns_what_continues(client: TestClient, prepared: Prepared) -> None:
    database, notes = prepared.office.database, prepared.notes
    for old, size in ((0, KEPT), (KEPT, KEPT), (KEPT, SIZE)):
        answer = client.post(PATH, content=asked(database, notes[size], old))
        assert answer.status_code == Status.COSIGNED, answer.text
        note = Note.parse(notes[size] + answer.text)
        assert note.check([COSIGNER.verifier]) == [COSIGNER.verifier]
        stamp = int.from_bytes(note.signatures[-1].data[:8], "big")
        assert abs(stamp - time.time()) < 60
    stale = client.post(PATH, content=asked(database, notes[SIZE], KEPT))
    assert (stale.status_code, stale.text) == (Status.CONFLICT, f"{SIZE}\n")
    assert stale.headers["content-type"].startswith(SIZE_TYPE)


@attack(43, "show a witness a fork, a rollback or a shorter history", "the witness, which refuses")
def test_a_witness_refuses_a_fork_and_keeps_it(
    client: TestClient, prepared: Prepared, rebuilt: Callable[..., Office], tmp_path: Path
) -> None:
    database, notes = prepared.office.database, prepared.notes
    other = rebuilt(KEPT - 50, key=prepared.office.signer)
    assert client.post(PATH, content=asked(database, notes[KEPT], 0)).status_code == 200
    # A longer history that does not continue what was cosigned.
    forked = other.desk.last.read()
    assert forked is not None
    answer = client.post(PATH, content=asked(other.database, forked.written, KEPT))
    assert answer.status_code == Status.INCONSISTENT
    # Another history of the same size.
    with psycopg.connect(other.database) as connection:
        root = root_at(connection, KEPT)
    assert root is not None
    same = Checkpoint(NAME, KEPT, root).signed(prepared.office.signer).written
    assert client.post(PATH, content=asked(other.database, same, KEPT)).status_code == 409
    # A shorter one, as after a rollback.
    shorter = client.post(PATH, content=asked(database, notes[300], 300))
    assert (shorter.status_code, shorter.text) == (409, f"{KEPT}\n")
    kept = evidence(tmp_path)
    assert [each.name.partition("-")[0] for each in kept] == ["fork", "inconsistent", "shorter"]
    assert forked.written in kept[1].read_text()
    assert notes[KEPT] in kept[1].read_text()
    # The true history goes on.
    assert client.post(PATH, content=asked(database, notes[SIZE], KEPT)).status_code == 200


def test_a_witness_says_why_not(client: TestClient, prepared: Prepared, tmp_path: Path) -> None:
    database, note = prepared.office.database, prepared.notes[KEPT]
    foreign = Checkpoint.of(Note.parse(note)).signed(new_signer(NAME)).written
    unknown = Checkpoint("ledger.example/other", 1, bytes(32)).signed(new_signer("x")).written
    for data, status in (
        (b"", 400),
        (b"old x\n\n" + note.encode(), 400),
        (b"old 501\n\n" + note.encode(), 400),
        (asked(database, foreign, 0), 403),
        (asked(database, unknown, 0), 404),
        (WitnessRequest(0, (bytes(32),), note).written.encode(), 422),
    ):
        assert client.post(PATH, content=data).status_code == status, data
    assert client.post(PATH, content=asked(database, note, 0)).status_code == 200
    [state] = [each for each in (tmp_path / "witness" / "logs").iterdir() if each.name[0] != "."]
    state.write_bytes(state.read_bytes()[:40])
    assert client.post(PATH, content=asked(database, note, KEPT)).status_code == 500


def test_damage_to_a_witness_is_not_told_as_a_fork(
    client: TestClient, prepared: Prepared, tmp_path: Path
) -> None:
    database, notes = prepared.office.database, prepared.notes
    assert client.post(PATH, content=asked(database, notes[KEPT], 0)).status_code == 200
    [state] = [each for each in (tmp_path / "witness" / "logs").iterdir() if each.name[0] != "."]
    whole = state.read_text()
    told = Checkpoint.of(Note.parse(whole))
    for damaged in (
        whole.replace(NAME, "ledger.example/other"),
        whole.replace(f"\n{KEPT}\n", "\n300\n"),
        replace(told, root=bytes(32)).signed(new_signer(NAME)).written,
        "",
    ):
        state.write_text(damaged)
        answer = client.post(PATH, content=asked(database, notes[SIZE], KEPT))
        assert (answer.status_code, "own folder" in answer.text) == (500, True), answer.text
        assert state.read_text() == damaged
    state.unlink()
    answer = client.post(PATH, content=asked(database, notes[SIZE], 0))
    assert (answer.status_code, "it is gone" in answer.text) == (500, True)
    assert not evidence(tmp_path)

    state.write_text(whole)
    assert client.post(PATH, content=asked(database, notes[SIZE], KEPT)).status_code == 200


def test_a_witness_trusts_its_own_state_after_the_key_of_the_log_was_rotated(
    prepared: Prepared, tmp_path: Path
) -> None:
    database, notes, other = prepared.office.database, prepared.notes, new_signer(NAME)
    first = Witness(COSIGNER, [prepared.office.signer.verifier], tmp_path / "witness")
    second = Witness(COSIGNER, [other.verifier], tmp_path / "witness")
    assert first.add(asked(database, notes[KEPT], 0)).status == 200

    rotated = Checkpoint.of(Note.parse(notes[SIZE])).signed(other).written
    assert second.add(asked(database, rotated, KEPT)).status == 200


def test_a_proof_that_is_none_is_no_evidence_against_the_log(
    client: TestClient, prepared: Prepared, tmp_path: Path
) -> None:
    database, notes = prepared.office.database, prepared.notes
    assert client.post(PATH, content=asked(database, notes[KEPT], 0)).status_code == 200
    for size in (KEPT, SIZE):
        nonsense = WitnessRequest(KEPT, (bytes(32),), notes[size]).written.encode()
        assert client.post(PATH, content=nonsense).status_code == 422

    assert not evidence(tmp_path)


def test_a_witness_that_can_keep_nothing_cosigns_nothing(
    client: TestClient, prepared: Prepared, tmp_path: Path
) -> None:
    folder = tmp_path / "witness" / "logs"
    folder.parent.mkdir()
    folder.touch()

    answer = client.post(PATH, content=asked(prepared.office.database, prepared.notes[KEPT], 0))
    assert (answer.status_code, "own folder" in answer.text) == (500, True)


def test_a_witness_ends_in_order(prepared: Prepared, tmp_path: Path) -> None:
    key = prepared.office.signer.verifier.text
    wanted = ["--name", COSIGNER.name, "--log", key, "--port", "0", "--json"]
    program = Path(sys.executable).with_name("lifecycle")
    with subprocess.Popen(
        [program, "witness", str(tmp_path / "witness"), *wanted],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as begun:
        assert begun.stdout is not None
        lines = iter(begun.stdout.readline, "")
        told = json.loads("".join(next(lines) for _ in range(4)))
        assert httpx2.post(told["address"] + PATH, content=b"").status_code == 400

        begun.send_signal(signal.SIGTERM)
        _, complaints = begun.communicate()

    assert (begun.returncode, complaints) == (0, "")


@contextmanager
def serving(witness: Witness) -> Iterator[str]:
    config = uvicorn.Config(witness_application(witness), port=0, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def witnesses_in(folder: Path, keys: dict[str, Verifier], quorum: int) -> Path:
    file = folder / "witnesses"
    lines = [f"witness {key.text} {address}\n" for address, key in keys.items()]
    file.write_text("# who is asked\n" + "".join(lines) + f"quorum {quorum}\n")
    return file


def test_the_ledger_is_witnessed_once_enough_have_signed(scene: Scene, tmp_path: Path) -> None:
    absent = Signer("down.example", bytes(32), Algorithm.COSIGNATURE).verifier
    witness = Witness(COSIGNER, [scene.office.signer.verifier], tmp_path / "witness")
    with (
        serving(witness) as address,
        psycopg.connect(scene.office.database, autocommit=True) as connection,
    ):
        keys = {address: COSIGNER.verifier, "http://127.0.0.1:9": absent}
        both = Settings(scene.office.folder, witnesses=witnesses_in(tmp_path, keys, 2))
        asking = Witnessing(both, scene.office.database)
        asking.round(connection)
        assert asking.described["state"] == "not yet witnessed"
        assert asking.described["signed_by"] == [COSIGNER.name]
        assert "does not answer" in asking.described["problems"]["down.example"]

        one = Settings(scene.office.folder, witnesses=witnesses_in(tmp_path, keys, 1))
        asking = Witnessing(one, scene.office.database)
        asking.round(connection)
        assert (asking.described["state"], asking.described["size"]) == ("witnessed", SIZE)
        signed = last_signed(connection)
        assert signed is not None
        note = cosigned_note(signed, cosigners(connection, NAME, SIZE))
        keys_of_both = [signed.verifier, COSIGNER.verifier]
        assert Note.parse(note).check(keys_of_both) == keys_of_both
    verdict = scene.verify()
    assert (verdict.code, '"cosignatures": 1' in verdict.messages) == (0, True)


KEEP = "INSERT INTO ledger.cosignatures VALUES (%s, %s, %s, %s, now())"


@attack(44, "change a witness's cosignature", "`lifecycle verify`: `cosignatures`")
def test_a_changed_cosignature_is_found(scene: Scene) -> None:
    keep_cosignatures(scene, SIZE)
    assert scene.verify().code == 0
    other = COSIGNER.sign(Note.parse(scene.prepared.notes[KEPT]).text, at_second=1).line
    with psycopg.connect(scene.office.database) as connection:
        connection.execute(KEEP, [NAME, 300, COSIGNER.verifier.text, other])
    assert set(scene.verify().found) == {"cosignatures"}


@attack(60, "take a kept checkpoint or a cosignature away", "`lifecycle verify`: `books`")
def test_a_checkpoint_that_was_taken_away_is_missed(scene: Scene) -> None:
    keep_cosignatures(scene, 300, SIZE)
    assert close(scene).keys() == {"checkpoints", "cosignatures"}

    gone = "DELETE FROM ledger.cosignatures WHERE size = 300"
    assert attacked(scene, gone) == {"books": 1}
    assert attacked(scene, "DELETE FROM ledger.checkpoints WHERE size = 300") == {"books": 2}


def keep_cosignatures(scene: Scene, *sizes: int) -> None:
    """Keep what a witness put below some checkpoints."""
    with psycopg.connect(scene.office.database) as connection:
        for size in sizes:
            line = COSIGNER.sign(Note.parse(scene.prepared.notes[size]).text, at_second=1).line
            connection.execute(KEEP, [NAME, size, COSIGNER.verifier.text, line])


def test_a_file_of_witnesses_must_make_sense(tmp_path: Path) -> None:
    file = tmp_path / "witnesses"
    key = COSIGNER.verifier.text
    for text in (
        "quorum 1\n",
        f"witness {key} http://a\n",
        f"witness {key} http://a\nquorum 2\n",
        f"witness {new_signer('a').verifier.text} http://a\nquorum 1\n",
        f"witness {key} nowhere\nquorum 1\n",
        "nonsense\n",
    ):
        file.write_text(text)
        with pytest.raises(BadWitnesses):
            policy_in(file)
    with pytest.raises(BadWitnesses):
        policy_in(tmp_path / "none")
    assert policy_in(None).quorum == 0


@pytest.mark.parametrize("step", STEPS)
def test_a_witness_killed_while_it_writes_knows_the_old_state_or_the_new(
    prepared: Prepared, tmp_path: Path, step: str
) -> None:
    database, notes = prepared.office.database, prepared.notes
    key, folder = prepared.office.signer.verifier, tmp_path / "witness"
    assert Witness(COSIGNER, [key], folder).add(asked(database, notes[KEPT], 0)).status == 200
    script = Path(__file__).with_name("dying_witness.py")
    died = subprocess.run(
        [sys.executable, str(script), step, str(folder), key.text],
        input=asked(database, notes[SIZE], KEPT),
        check=False,
        capture_output=True,
    )

    again = Witness(COSIGNER, [key], folder)
    told = again.add(asked(database, notes[KEPT], 0))
    size = int(told.text)

    assert died.returncode == -signal.SIGKILL, died.stderr
    assert told.status == Status.CONFLICT
    assert size == (SIZE if step in {"replaced", "not answered"} else KEPT)
    assert again.add(asked(database, notes[SIZE], size)).status == Status.COSIGNED
    forked = replace(Checkpoint.of(Note.parse(notes[SIZE])), root=bytes(32))
    lie = WitnessRequest(SIZE, (), forked.signed(prepared.office.signer).written)
    assert again.add(lie.written.encode()).status == Status.CONFLICT
    assert evidence(tmp_path)
