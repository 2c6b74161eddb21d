"""A database of before names were locked gets them locked, and keeps no readable one."""

import secrets
import uuid
from pathlib import Path

import psycopg
import pytest

from domain.person_name import seal
from ledger import locking
from ledger import migrate as migrating
from ledger.key_place import keys_of
from ledger.migrate import migrate, migrations

LOCKED_SINCE = 15
NAME = "端木查验"


def test_names_of_before_are_locked_once(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = [known for known in migrations() if known.number < LOCKED_SINCE]
    with monkeypatch.context() as past:
        past.setattr(migrating, "migrations", lambda: older)
        migrate(empty_database)
    # Each page ends after one name, so that there is more than one.
    monkeypatch.setattr(locking, "_PAGE", 1)
    salt = secrets.token_bytes(32)
    row = (uuid.uuid4(), ["actor", "name"], seal(NAME, salt), salt, NAME)
    with psycopg.connect(empty_database) as connection:
        statement = "INSERT INTO ledger.person_names VALUES (%s, %s, %s, %s, %s)"
        connection.execute(statement, row)
        connection.execute(statement, (row[0], ["actor", "other"], *row[2:]))
        connection.execute(statement, (uuid.uuid4(), *row[1:]))
        connection.execute(statement, (uuid.uuid4(), *row[1:3], None, None))

    migrate(empty_database)
    migrate(empty_database)

    with psycopg.connect(empty_database) as connection:
        keys = keys_of(connection)
        rows = connection.execute(
            "SELECT commitment, value, salt FROM ledger.person_names WHERE value IS NOT NULL"
        ).fetchall()
        opened = [keys.open(*locked) for locked in rows]
        assert [(each.value, each.salt) for each in opened if each] == [(NAME, salt)] * 3
        [(folder, file)] = connection.execute(
            "SELECT current_setting('data_directory'), pg_relation_filepath('ledger.person_names')"
        ).fetchall()
        assert NAME.encode() not in Path(folder, file).read_bytes()
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute(statement, (uuid.uuid4(), *row[1:]))
