"""A backup is whole or refused, and a restore never passes as if nothing had happened."""

import fcntl
import json
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from typer.testing import CliRunner

from domain.errors import LedgerError
from ledger.backup import DamagedBackup, back_up, check_backup
from ledger.key_place import keys_of, with_keys
from ledger.migrate import migrate
from ledger.restore import NotEmpty, restorable, restore
from ledger.signing import MissingState
from server.program import program
from server.stopping import Stopped
from tests.attacks.attack import attack
from tests.attacks.conftest import Prepared, Scene
from tests.attacks.histories import SIZE, Office

Fresh = Callable[[str], str]


def lifecycle(office: Office, *arguments: str | Path) -> tuple[int, Any]:
    """Run a command on a ledger; give its code and what it told."""
    result = CliRunner().invoke(
        program,
        [*map(str, arguments), "--data", str(office.folder), "--json"],
        env={"DATABASE_URL": office.database},
    )
    return result.exit_code, json.loads(result.stdout) if result.stdout else result.exception


@pytest.fixture
def backup(scene: Scene, tmp_path: Path) -> Path:
    file = tmp_path / "ledger.backup"
    code, told = lifecycle(scene.office, "backup", file)
    assert (code, told["size"]) == (0, SIZE)
    return file


def rows(database: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(database) as connection:
        found = []
        for table in ("events", "heads", "tiles", "person_names", "aliases", "checkpoints"):
            found += connection.execute(
                f"SELECT t::text FROM ledger.{table} AS t ORDER BY 1".encode()
            ).fetchall()
        return found


def test_a_restored_ledger_is_the_same_and_goes_on(
    scene: Scene, backup: Path, fresh: Fresh
) -> None:
    with psycopg.connect(scene.office.database) as connection:
        keys = keys_of(connection).path
    assert keys is not None
    other = Office(
        with_keys(make_conninfo(fresh("template0"), options=""), keys), scene.office.folder
    )

    code, told = lifecycle(other, "restore", backup)
    assert (code, told["size"], told["found"]) == (0, SIZE, {})
    assert rows(other.database) == rows(scene.office.database)
    assert other.sign() == scene.prepared.notes[SIZE]
    code, told = lifecycle(other, "token", "create", "t", "--actor", "a", "--org", "o")
    assert code == 0
    assert lifecycle(other, "verify")[0] == 0
    assert f"\n{SIZE + 1}\n" in other.sign()


def test_names_in_a_backup_are_readable_only_with_keys_outside_it(
    backup: Path, fresh: Fresh, tmp_path: Path
) -> None:
    with zipfile.ZipFile(backup) as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist())
    assert "王某".encode() not in whole

    other = Office(fresh("template0"), tmp_path / "elsewhere")
    code, told = lifecycle(other, "restore", backup)
    assert code == 1
    assert set(told["found"]) == {"names", "state"}
    assert "locked under a key that is not here (not in /" in str(told["findings"])


@attack(26, "truncate or change a backup", "`lifecycle restore`, before anything is written")
def test_a_damaged_backup_is_refused(backup: Path, tmp_path: Path) -> None:
    whole = backup.read_bytes()
    for place in (0, 1, len(whole) // 3, len(whole) // 2, len(whole) - 30):
        backup.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(DamagedBackup):
            check_backup(backup)
        backup.write_bytes(whole[:place])
        with pytest.raises(DamagedBackup):
            restorable(backup)
    backup.write_bytes(whole)
    _rewritten(backup, "aliases", b"", tmp_path)
    with pytest.raises(DamagedBackup, match="aliases"):
        check_backup(tmp_path / "rewritten")
    _rewritten(backup, "manifest.json", b'{"format": 1}', tmp_path)
    with pytest.raises(DamagedBackup):
        check_backup(tmp_path / "rewritten")
    with pytest.raises(DamagedBackup):
        check_backup(tmp_path / "missing")


@pytest.mark.parametrize(
    "changed",
    [
        {"tables": []},
        {"tables": {"events": {"columns": "id", "sha256": ""}}},
        {"migration": "latest"},
        {"size": None},
    ],
    ids=str,
)
def test_a_manifest_of_another_shape_is_refused(
    backup: Path, tmp_path: Path, changed: dict[str, Any]
) -> None:
    with zipfile.ZipFile(backup) as archive:
        told = json.loads(archive.read("manifest.json")) | changed
    _rewritten(backup, "manifest.json", json.dumps(told).encode(), tmp_path)

    with pytest.raises(DamagedBackup):
        check_backup(tmp_path / "rewritten")


def test_a_table_that_fits_no_ledger_is_refused_whole(
    backup: Path, fresh: Fresh, tmp_path: Path
) -> None:
    with zipfile.ZipFile(backup) as archive:
        tables = json.loads(archive.read("manifest.json"))["tables"]
    tables["heads"]["columns"][0] = "length"
    other_column = _with_tables(backup, tables, tmp_path / "column")
    tables["heads"]["columns"][0] = "size"
    tables["other"] = {"columns": [], "sha256": sha256(b"").hexdigest()}
    other_table = _with_tables(backup, tables, tmp_path / "table")
    with zipfile.ZipFile(other_table, "a") as archive:
        archive.writestr("other", b"")

    database = fresh("template0")
    for file, what in ((other_column, "heads: column .length."), (other_table, "a table other")):
        with pytest.raises(DamagedBackup, match=what):
            restore(database, file, restorable(file), lambda *_: None)
        assert rows(database) == []


def _with_tables(backup: Path, tables: dict[str, Any], folder: Path) -> Path:
    """Give a backup whose manifest names other tables."""
    folder.mkdir()
    with zipfile.ZipFile(backup) as archive:
        told = json.loads(archive.read("manifest.json")) | {"tables": tables}
    _rewritten(backup, "manifest.json", json.dumps(told).encode(), folder)
    return folder / "rewritten"


def alone(folder: Path, file: Path) -> LedgerError:
    """Have a backup refused where no database is named, and give why."""
    result = CliRunner().invoke(
        program, ["restore", str(file), "--data", str(folder)], env={"DATABASE_URL": ""}
    )
    assert result.exit_code == 1
    assert isinstance(result.exception, LedgerError), repr(result.exception)
    return result.exception


def test_a_refused_restore_begins_no_ledger(backup: Path, tmp_path: Path) -> None:
    backup.write_bytes(backup.read_bytes()[:-30])

    assert alone(tmp_path / "new", backup).code == "damaged_backup"
    assert not (tmp_path / "new").exists()


def test_a_folder_in_use_is_not_restored_into(backup: Path, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    with (folder / "in-use").open("w") as note:
        fcntl.flock(note, fcntl.LOCK_SH)

        assert alone(folder, backup).code == "still_running"
    assert [each.name for each in folder.iterdir()] == ["in-use"]


def test_a_backup_that_is_stopped_leaves_nothing(scene: Scene, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    file = folder / "ledger.backup"
    file.write_text("an older one")

    def stop(_done: int, _total: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        back_up(scene.office.database, file, stop)
    assert [each.read_text() for each in folder.iterdir()] == ["an older one"]


def _rewritten(backup: Path, name: str, content: bytes, folder: Path) -> None:
    with (
        zipfile.ZipFile(backup) as archive,
        zipfile.ZipFile(folder / "rewritten", "w") as other,
    ):
        for member in archive.namelist():
            other.writestr(member, content if member == name else archive.read(member))


def test_a_ledger_that_is_there_is_never_overwritten(scene: Scene, backup: Path) -> None:
    before = rows(scene.office.database)
    code, error = lifecycle(scene.office, "restore", backup)

    assert (code, type(error)) == (1, NotEmpty)
    assert rows(scene.office.database) == before


def test_nothing_is_mixed_into_a_restored_ledger(backup: Path, fresh: Fresh) -> None:
    database = fresh("template0")
    migrate(database)
    with psycopg.connect(database) as connection:
        connection.execute(
            "INSERT INTO ledger.batches (id, received_at, actor, source, door)"
            " VALUES ('refused', now(), 'clerk', 'register', 'http')"
        )

    with pytest.raises(NotEmpty):
        restore(database, backup, restorable(backup), lambda *_: None)
    assert rows(database) == []


def test_a_restore_without_the_last_checkpoint_is_not_signed(
    backup: Path, prepared: Prepared, fresh: Fresh, tmp_path: Path
) -> None:
    other = Office(fresh("template0"), tmp_path / "new machine")
    restore(other.database, backup, restorable(backup), lambda *_: None)
    other.desk.keys.path.parent.mkdir(exist_ok=True)
    other.desk.keys.path.write_text(prepared.office.signer.text)
    other.desk.keys.path.chmod(0o600)

    with pytest.raises(MissingState):
        other.sign()
    code, _ = lifecycle(other, "ledger", "declare-incarnation", "second", "--reason", "moved")
    assert code == 0
    assert other.sign().startswith("ledger.example/wujin/second\n601\n")


def test_a_backup_of_a_broken_ledger_is_none(scene: Scene, tmp_path: Path) -> None:
    with scene.unguarded() as connection:
        connection.execute("UPDATE ledger.events SET bytes = bytes || ' ' WHERE position = 9")

    with pytest.raises(DamagedBackup):
        back_up(scene.office.database, tmp_path / "file", lambda *_: None)
    assert not (tmp_path / "file").exists()
