"""Published files are checked by themselves, and none can be missing or other than it was."""

import json
import shutil
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from ledger.export import DifferentFile, export_log
from ledger.key_file import new_signer
from server.program import program
from tests.attacks.attack import attack
from tests.attacks.conftest import Prepared, Scene, Verdict
from tests.attacks.histories import NAME, SIZE

FILES = [
    "checkpoint",
    "tile/0/000",
    "tile/0/001",
    "tile/0/002.p/88",
    "tile/1/000.p/2",
    "tile/entries/000",
    "tile/entries/001",
    "tile/entries/002.p/88",
]


@pytest.fixture
def folder(prepared: Prepared, tmp_path: Path) -> Path:
    copy = tmp_path / "published"
    shutil.copytree(prepared.published, copy)
    return copy


def check(folder: Path, key: str) -> Verdict:
    arguments = ["verify", "--published", str(folder), "--key", key, "--json"]
    result = CliRunner().invoke(program, arguments)
    told = json.loads(result.stdout)
    return Verdict(result.exit_code, told["found"], json.dumps(told))


def test_whole_files_raise_no_alarm(folder: Path, prepared: Prepared) -> None:
    verdict = check(folder, prepared.office.signer.verifier.text)

    assert (verdict.code, verdict.found) == (0, {})
    assert json.loads(verdict.messages)["read"]["events"] == SIZE
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert there == {*FILES, "verifier-key"}
    assert (folder / "verifier-key").read_text().strip() == prepared.office.signer.verifier.text


@attack(28, "truncate, change or remove each published file", "`lifecycle verify --published`")
def test_no_file_can_be_other_than_it_was(folder: Path, prepared: Prepared) -> None:
    key = prepared.office.signer.verifier.text
    for name in FILES:
        path = folder / name
        whole = path.read_bytes()
        middle = len(whole) // 2
        for damaged in (
            b"",
            whole[:-1],
            whole[:middle],
            whole + b"\x00",
            whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        ):
            path.write_bytes(damaged)
            verdict = check(folder, key)
            assert (verdict.code, set(verdict.found)) == (1, {"published"}), name
        path.unlink()
        assert set(check(folder, key).found) == {"published"}, name
        path.write_bytes(whole)
    assert check(folder, key).code == 0


def test_a_foreign_key_or_folder_is_refused(
    folder: Path, prepared: Prepared, tmp_path: Path
) -> None:
    assert set(check(folder, new_signer(NAME).verifier.text).found) == {"published"}
    key = prepared.office.signer.verifier.text
    assert set(check(tmp_path / "nowhere", key).found) == {"published"}


def test_an_export_never_overwrites_what_differs(scene: Scene, folder: Path) -> None:
    with psycopg.connect(scene.office.database) as connection:
        assert export_log(connection, folder, lambda *_: None) == SIZE
        (folder / "tile/0/000").write_bytes(b"other")
        with pytest.raises(DifferentFile):
            export_log(connection, folder, lambda *_: None)
