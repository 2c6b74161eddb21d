"""An evidence bundle is checked by itself, and no file of it can be missing, added or other."""

import json
import os
import shutil
import signal
import subprocess
import threading
import tracemalloc
import zipfile
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from ledger.checkpoint import Checkpoint
from ledger.evidence import cover
from ledger.key_file import new_signer
from ledger.note import Algorithm, Note, Signer, signed_note
from ledger.reading import ledger_events
from server.command import INTERRUPTED
from server.program import program
from server.stopping import stoppable
from tests.attacks.attack import attack
from tests.attacks.authority import Authority
from tests.attacks.conftest import Office, Prepared, Scene, Verdict, copied
from tests.attacks.histories import NAME
from tests.attacks.test_backups import lifecycle

PROJECT = "source:register/ProjectRegistered-7"
STREAM = "project/p7"
PERSON = "王某"


def check(bundle: Path, *options: str | Path) -> Verdict:
    arguments = ["verify", "--offline", str(bundle), "--json", *map(str, options)]
    # There is no database here, and nothing asks for one.
    result = CliRunner().invoke(program, arguments, env={"DATABASE_URL": "host=nowhere.invalid"})
    told = json.loads(result.stdout)
    return Verdict(result.exit_code, told["found"], json.dumps(told))


def files_of(bundle: Path) -> list[str]:
    return sorted(
        each.relative_to(bundle).as_posix() for each in bundle.rglob("*") if each.is_file()
    )


def resigned(bundle: Path, prepared: Prepared) -> None:
    """Put the digests right and sign the cover anew, as the ledger's own keeper could."""
    digests = {
        name: cover.digest((bundle / name).read_bytes())
        for name in files_of(bundle)
        if name not in {cover.SUMS, cover.COVER}
    }
    sums = cover.sums_of(digests)
    (bundle / cover.SUMS).write_bytes(sums)
    lines = Note.parse((bundle / cover.COVER).read_bytes()).text.split("\n")
    text = "\n".join([*lines[:4], cover.digest(sums), ""])
    (bundle / cover.COVER).write_text(signed_note(text, [prepared.office.signer]).written)


@pytest.fixture(scope="module")
def stamped(
    prepared: Prepared, lasting: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Office, Path]:
    """Give a ledger whose facts lie under a time token, and the authority's root."""
    folder = tmp_path_factory.mktemp("bundles")
    shutil.copytree(prepared.office.folder, folder / "office")
    office = Office(copied(prepared.office, lasting), folder / "office")
    authority = Authority(folder / "authority")
    with authority.serving() as address:
        code, _ = lifecycle(
            office, "ledger", "stamp", "--authority", address, "--root", authority.root
        )
    assert code == 0
    return office, authority.root


@pytest.fixture(scope="module")
def whole(stamped: tuple[Office, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the bundle of a project."""
    bundle = tmp_path_factory.mktemp("whole") / "p7"
    code, told = lifecycle(stamped[0], "bundle", bundle, "--project", PROJECT)
    assert (code, told["scope"], told["names"]) == (0, f"stream {STREAM}", None)
    return bundle


@pytest.fixture
def bundle(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "p7")
    return tmp_path / "p7"


def test_a_bundle_verifies_without_a_server(
    bundle: Path, prepared: Prepared, stamped: tuple[Office, Path]
) -> None:
    key = prepared.office.signer.verifier.text
    verdict = check(bundle, "--key", key, "--tsa-root", stamped[1])

    assert (verdict.code, verdict.found) == (0, {}), verdict.messages
    read = json.loads(verdict.messages)["read"]
    assert (read["time_tokens"], read["files"]) == (1, len(files_of(bundle)))
    assert {"MANUAL.md", "facts.zh.md", "facts.en.md", "keys", "heads.json"} <= set(
        files_of(bundle)
    )
    assert (
        "开工" in (bundle / "facts.zh.md").read_text()
        or "项目" in (bundle / "facts.zh.md").read_text()
    )
    assert not any(PERSON.encode() in (bundle / name).read_bytes() for name in files_of(bundle))
    subprocess.run(
        ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=bundle, check=True
    )


def damaged(data: bytes) -> list[bytes | None]:
    """Give what may be done to a file: empty, shorter, longer, one bit changed, gone."""
    middle = len(data) // 2
    changed = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
    return [b"", data[:-1], data + b"\n", changed, None]


@attack(39, "truncate, change, remove or add a file of a bundle", "`lifecycle verify --offline`")
def test_no_file_of_a_bundle_can_be_other_than_it_was(bundle: Path, prepared: Prepared) -> None:
    key = prepared.office.signer.verifier.text
    seen: set[str] = set()
    for number, name in enumerate(files_of(bundle)):
        path = bundle / name
        data = path.read_bytes()
        damages = damaged(data)
        # The files of a folder are alike: its first suffers everything, the others by turns.
        if path.parent.name in seen:
            damages = [damages[number % len(damages)]]
        elif path.parent != bundle:
            seen.add(path.parent.name)
        for damage in damages:
            if damage is None:
                path.unlink()
                assert check(bundle, "--key", key).code == 1, name
            else:
                path.write_bytes(damage)
                assert set(check(bundle, "--key", key).found) == {"bundle"}, name
        path.write_bytes(data)
    (bundle / "more").write_bytes(b"")
    assert "more does not belong" in check(bundle, "--key", key).messages
    (bundle / "more").unlink()
    assert check(bundle, "--key", key).code == 0


@pytest.mark.parametrize("missing", [cover.COVER, cover.SUMS, cover.CHECKPOINT, cover.KEYS])
def test_a_bundle_without_what_holds_it_together_is_to_be_asked_for_again(
    bundle: Path, missing: str
) -> None:
    (bundle / missing).unlink()

    verdict = check(bundle)
    assert (verdict.code, verdict.found) == (1, {"bundle": 1})
    assert f"without {missing} this is no whole bundle" in verdict.messages
    assert "ask for the bundle again" in verdict.messages


def test_an_empty_folder_is_no_bundle(tmp_path: Path) -> None:
    verdict = check(tmp_path)

    assert (verdict.code, verdict.found) == (1, {"bundle": 1})
    assert "KeyError" not in verdict.messages
    assert "ask for the bundle again" in verdict.messages


@attack(
    40, "hold back a project's last event and sign the bundle anew", "`lifecycle verify --offline`"
)
def test_an_event_that_was_held_back_is_missed(bundle: Path, prepared: Prepared) -> None:
    own = [name for name in files_of(bundle) if name.startswith("events/")]
    last = [name for name in own if f'"stream":"{STREAM}"' in (bundle / name).read_text()][-1]
    (bundle / last).unlink()
    (bundle / last.replace("events", "proofs").replace(".json", ".tlog-proof")).unlink()
    resigned(bundle, prepared)

    assert "the last version was" in check(bundle).messages


@attack(41, "write other facts for people than the events say", "`lifecycle verify --offline`")
def test_facts_for_people_are_those_of_the_events(bundle: Path, prepared: Prepared) -> None:
    facts = bundle / "facts.en.md"
    facts.write_text(facts.read_text().replace("bureau", "office"))
    resigned(bundle, prepared)

    assert "does not say what the events say" in check(bundle).messages


@attack(
    42, "sign a bundle with a foreign key, or another version of it", "`lifecycle verify --offline`"
)
def test_a_foreign_bundle_is_refused(bundle: Path, tmp_path: Path) -> None:
    assert check(bundle, "--key", new_signer(NAME).verifier.text).code == 1
    written = (bundle / cover.COVER).read_text()
    (bundle / cover.COVER).write_text(written.replace("evidence bundle 1", "evidence bundle 2"))
    assert "evidence bundle 1" in check(bundle).messages
    assert check(tmp_path / "nowhere").code == 1
    (tmp_path / "empty").mkdir()
    assert check(tmp_path / "empty").code == 1


def test_names_leave_only_when_asked_and_that_is_recorded(
    scene: Scene, tmp_path: Path, prepared: Prepared
) -> None:
    target = tmp_path / "named.zip"
    code, told = lifecycle(scene.office, "bundle", target, "--project", PROJECT, "--with-names")
    assert code == 0
    with psycopg.connect(scene.office.database) as connection:
        [event] = ledger_events(connection, ["SealedPartsExported"])
    assert event.payload["names"] == told["names"] > 0

    assert check(target).code == 0
    with zipfile.ZipFile(target) as archive:
        archive.extractall(tmp_path / "named")
    assert PERSON in (tmp_path / "named" / "facts.zh.md").read_text()
    names = tmp_path / "named" / cover.NAMES
    names.write_text(names.read_text().replace(PERSON, "李某"))
    resigned(tmp_path / "named", prepared)
    assert "a name is not the one" in check(tmp_path / "named").messages
    data = target.read_bytes()
    # A byte of the content, one of an entry's header, a cut and an appended one.
    flipped = (data[:10] + bytes([data[10] ^ 1]) + data[11:], data[:-30], data + b"\n")
    for damaged in (data[:99] + bytes([data[99] ^ 1]) + data[100:], *flipped):
        target.write_bytes(damaged)
        assert check(target).code == 1


def test_chosen_events_and_the_whole_ledger_are_handed_out_too(
    scene: Scene, tmp_path: Path
) -> None:
    with psycopg.connect(scene.office.database) as connection:
        rows = connection.execute("SELECT id::text FROM ledger.events WHERE position IN (3, 77)")
        chosen = [option for (name,) in rows for option in ("--event", name)]
    code, told = lifecycle(scene.office, "bundle", tmp_path / "two", *chosen)
    assert (code, told["events"], check(tmp_path / "two").code) == (0, 2, 0)
    code, told = lifecycle(scene.office, "bundle", tmp_path / "all.zip", "--all")
    assert (code, told["events"]) == (0, Checkpoint.of(Note.parse(scene.office.sign())).size)
    assert check(tmp_path / "all.zip").code == 0
    for refused in (["--all", "--project", PROJECT], [], ["--event", "x"], ["--project", "none"]):
        assert lifecycle(scene.office, "bundle", tmp_path / "none", *refused)[0] == 1
    assert lifecycle(scene.office, "bundle", tmp_path / "two", "--all")[0] == 1
    (tmp_path / "file").write_text("")
    assert lifecycle(scene.office, "bundle", tmp_path / "file" / "x", "--all")[0] == 1
    assert not [each for each in tmp_path.iterdir() if each.name.startswith(".")]


def test_a_small_archive_does_not_fill_the_memory(tmp_path: Path) -> None:
    bomb, size = tmp_path / "bomb.zip", 1 << 26
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.md", bytes(size))
    assert bomb.stat().st_size < size // 100

    tracemalloc.start()
    verdict = check(bomb)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (verdict.code, verdict.found) == (1, {"bundle": 1})
    assert most < size // 2


def test_what_is_no_file_does_not_belong_into_a_bundle(whole: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    shutil.copytree(whole, bundle)
    os.mkfifo(bundle / "events" / "more")

    verdict = check(bundle)

    assert (verdict.code, verdict.found) == (1, {"bundle": 1})
    assert "events/more is no file" in verdict.messages


def test_a_bundle_that_is_stopped_is_not_written(scene: Scene, tmp_path: Path) -> None:
    class Stopping(BaseHTTPRequestHandler):
        """A witness in whose middle of an answer somebody presses Ctrl-C."""

        def do_POST(self) -> None:
            os.kill(os.getpid(), signal.SIGINT)
            self.send_error(HTTPStatus.SERVICE_UNAVAILABLE)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Stopping) as server, stoppable():
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        key = Signer("audit.example/witness", bytes(32), Algorithm.COSIGNATURE).verifier.text
        witnesses = tmp_path / "witnesses"
        witnesses.write_text(f"witness {key} http://127.0.0.1:{server.server_port}\nquorum 1\n")
        result = CliRunner().invoke(
            program,
            ["bundle", str(tmp_path / "all.zip"), "--all", "--data", str(scene.office.folder)],
            env={"DATABASE_URL": scene.office.database, "LIFECYCLE_WITNESSES": str(witnesses)},
        )
        thread.join()

    assert result.exit_code == INTERRUPTED
    assert not list(tmp_path.glob("*all.zip*"))
