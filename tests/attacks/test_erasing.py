"""Erased names are gone by the word of two persons, while every proof holds."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from domain.envelope import leaf_hash
from domain.person_name import SealedName, seal
from ledger.key_place import keys_of
from ledger.person_names import ERASING, PUT_NAME, trouble_with_names
from ledger.proof import check_inclusion
from ledger.reading import ledger_events
from ledger.tiles import inclusion, read_tiles
from server.erasure import ERASER, erase, places_of
from tests.attacks.attack import attack
from tests.attacks.conftest import Scene
from tests.attacks.histories import append, fact

NAME = "王某"


def values(scene: Scene, name: str) -> int:
    with psycopg.connect(scene.office.database) as connection:
        return len(places_of(connection, name))


def test_names_are_erased_by_two_persons_and_every_proof_holds(
    scene: Scene, lifecycle: Callable[..., Any], second: str
) -> None:
    proof_before = _proof(scene)
    lifecycle("backup", str(scene.office.folder / "before"))
    named = values(scene, NAME)
    assert named > 10
    with psycopg.connect(scene.office.database) as connection:
        keys = keys_of(connection)
        old = keys.locked(NAME)
    assert old is not None
    [receipt] = lifecycle("erase", "--person", NAME, "--reason", "asked by the person")
    assert (receipt["status"], receipt["code"]) == ("quarantined", "needs_approval")
    [waiting] = [row for row in lifecycle("quarantine") if row["code"] == "needs_approval"]
    number = str(waiting["number"])

    assert lifecycle("approve", number, code=1).code == "same_person"
    shown = lifecycle("approve", number, "--show")
    assert shown["sha256"] == sha256(shown["body"].encode()).hexdigest()
    other = lifecycle("approve", number, "--digest", "0" * 64, token=second, code=1)
    assert other.code == "other_bytes"
    assert values(scene, NAME) == named
    assert lifecycle("approve", "99", token=second, code=1).code == "nothing_pending"
    assert lifecycle("approve", number, token=NAME, code=1).code == "invalid_token"
    done = lifecycle("approve", number, "--digest", shown["sha256"], token=second)
    assert done["status"] == "accepted"
    assert lifecycle("approve", number, token=second, code=1).code == "already_decided"

    assert values(scene, NAME) == 0
    # What a copy of before holds can be opened by nobody any more, though it was locked here.
    assert keys.unlock(old) is None
    assert keys.is_spent(old)
    assert lifecycle("verify", "--against", str(scene.keep()))["ok"]
    assert _proof(scene) == proof_before
    with psycopg.connect(scene.office.database) as connection:
        [event] = ledger_events(connection, ["ErasureApproved"])
    [approval] = event.approvals
    assert (approval.actor.id, approval.body_sha256) == ("second", shown["sha256"])
    assert event.actor.id != approval.actor.id


def test_who_is_named_elsewhere_is_locked_anew_there(scene: Scene) -> None:
    with psycopg.connect(scene.office.database, autocommit=True) as connection:
        keys, places = keys_of(connection), places_of(connection, NAME)
        old = keys.locked(NAME)
        assert old is not None

        assert erase(connection, places[:2]) == 2

        assert places_of(connection, NAME) == places[2:]
        assert keys.unlock(old) is None
        assert keys.unlock(keys.locked(NAME)) == NAME
        assert erase(connection, places[:2]) == 0
    assert scene.verify().found == {"erasures": 2}


def test_who_is_named_anew_while_erased_elsewhere_stays_named(scene: Scene) -> None:
    database = scene.office.database
    with psycopg.connect(database, autocommit=True) as connection:
        keys, places = keys_of(connection), places_of(connection, NAME)
    old = keys.locked(NAME)

    def erase_two() -> int:
        with psycopg.connect(database, autocommit=True) as connection:
            return erase(connection, places[:2])

    with (
        ThreadPoolExecutor() as pool,
        psycopg.connect(database, autocommit=True) as naming,
    ):
        naming.execute("SELECT pg_advisory_lock_shared(%s)", [ERASING])
        erasing = pool.submit(erase_two)
        _until(lambda: naming.execute(WAITING).fetchone() is not None)
        with naming.transaction():
            # Nobody reads the names, so that this one is there before they are locked anew.
            naming.execute("LOCK TABLE ledger.person_names IN ACCESS EXCLUSIVE MODE")
            naming.execute("SELECT pg_advisory_unlock_shared(%s)", [ERASING])
            _until(lambda: keys.locked(NAME) != old)
            salt, owner = bytes(range(32)), str(uuid4())
            name = SealedName(("actor", "name"), seal(NAME, salt), salt, NAME)
            locked = keys.lock(name)
            row = (owner, list(name.path), name.commitment, locked.salt, locked.value)
            naming.execute(PUT_NAME, row)

        assert erasing.result() == 2
        assert places_of(naming, NAME) == sorted([*places[2:], f"{owner}/actor.name"])


def test_who_is_named_anew_just_before_the_keys_go_keeps_one(scene: Scene) -> None:
    with psycopg.connect(scene.office.database, autocommit=True) as connection:
        keys, places = keys_of(connection), places_of(connection, NAME)
        old = keys.locked(NAME)
        # As if somebody had named the person after the last look for other places.
        connection.execute(
            """CREATE FUNCTION public.name_anew() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO ledger.person_names SELECT gen_random_uuid(), path, commitment, salt, value
            FROM ledger.person_names WHERE value IS NOT NULL LIMIT 1; RETURN NULL; END $$"""
        )
        connection.execute(
            "CREATE TRIGGER named AFTER INSERT ON ledger.erasures EXECUTE FUNCTION name_anew()"
        )

        assert erase(connection, places) == len(places)

        assert keys.unlock(old) == NAME


def test_who_erases_waits_for_another_to_end(scene: Scene) -> None:
    database = scene.office.database
    with (
        psycopg.connect(database, autocommit=True) as other,
        psycopg.connect(database, autocommit=True) as connection,
    ):
        other.execute("SELECT pg_advisory_lock(%s)", [ERASER])
        connection.execute("SET lock_timeout = '100ms'")
        places = places_of(connection, NAME)
        with pytest.raises(psycopg.errors.LockNotAvailable):
            erase(connection, places)
        assert places_of(connection, NAME) == places

        other.execute("SELECT pg_advisory_unlock(%s)", [ERASER])
        assert erase(connection, places) == len(places)


def test_many_names_are_erased_while_appends_go_on(scene: Scene) -> None:
    database, salt = scene.office.database, bytes(range(32))
    with psycopg.connect(database, autocommit=True) as connection:
        keys, before = keys_of(connection), places_of(connection, NAME)
        rows = []
        # More than are emptied or locked anew at once.
        for _ in range(6_000):
            owner = str(uuid4())
            name = SealedName((owner,), seal(NAME, salt), salt, NAME)
            locked = keys.lock(name)
            rows.append((owner, [owner], name.commitment, locked.salt, locked.value))
        connection.cursor().executemany(PUT_NAME, rows)
        unwanted = [f"{owner}/{owner}" for owner, *_ in rows]

        with ThreadPoolExecutor() as pool:
            erasing = pool.submit(erase, connection, unwanted)
            appended = 0
            while not erasing.done() or not appended:
                # Every seventh fact names the person.
                again = fact(7, "LandAwarded", version=str(appended + 2))
                append(database, [again], lambda: datetime(2025, 1, 1, tzinfo=UTC))
                appended += 1

        assert erasing.result() == 6_000
        assert len(places_of(connection, NAME)) == len(before) + appended
    assert scene.verify().found == {}


WAITING = """
SELECT FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database
WHERE l.locktype = 'advisory' AND NOT l.granted AND d.datname = current_database()
"""


def _until(is_so: Callable[[], bool]) -> None:
    """Look until something is so, or fail."""
    for _ in range(3000):
        if is_so():
            return
        time.sleep(0.01)
    pytest.fail("it never came to be")


def test_what_was_erased_half_is_erased_the_next_time(scene: Scene) -> None:
    with psycopg.connect(scene.office.database, autocommit=True) as connection:
        keys, places = keys_of(connection), places_of(connection, NAME)
        locked = keys.locked(NAME)
        assert locked is not None
        # The keys go first, so that nothing can be read from then on, however it ends.
        keys.destroy([locked.split(":")[2]])

        assert erase(connection, places) == len(places)
        assert erase(connection, places) == 0
        emptied = connection.execute(
            "SELECT count(*) FROM ledger.person_names WHERE value IS NULL"
        ).fetchone()
    assert emptied == (len(places),)


@attack(46, "throw keys of persons away, or their file", "`lifecycle verify`: `erasures`, `names`")
def test_a_name_whose_key_was_thrown_away_by_one_person_is_missed(scene: Scene) -> None:
    with psycopg.connect(scene.office.database) as connection:
        keys, places = keys_of(connection), places_of(connection, NAME)
    assert keys.path is not None
    whole = keys.path.read_text()
    keys.path.write_text("".join(whole.splitlines(keepends=True)[:2]))
    assert scene.verify().found == {"erasures": len(places)}
    assert "a key is missing" in _trouble(scene)

    keys.path.write_text("secret " + "00" * 32 + "\n")
    assert scene.verify().found == {"names": len(places)}
    assert "those of another ledger" in _trouble(scene)

    keys.path.unlink()
    assert "the keys of persons are not in" in _trouble(scene)
    verdict = scene.verify()
    assert verdict.found == {"names": len(places)}
    assert "locked under a key that is not here" in verdict.messages
    keys.path.write_text(whole)
    assert scene.verify().found == {}
    assert _trouble(scene) == "None"


def _trouble(scene: Scene) -> str:
    """Give what the status says about names."""
    with psycopg.connect(scene.office.database, autocommit=True) as connection:
        return str(trouble_with_names(connection))


def _proof(scene: Scene) -> list[bytes]:
    plan = inclusion(0, 500)
    with psycopg.connect(scene.office.database) as connection:
        [(data,)] = connection.execute(
            "SELECT bytes FROM ledger.events WHERE position = 1"
        ).fetchall()
        [(root,)] = connection.execute(
            "SELECT root FROM ledger.checkpoints WHERE size = 500"
        ).fetchall()
        proof = plan.proof(read_tiles(connection, plan.wanted))
    check_inclusion(leaf_hash(data), 0, 500, proof, root)
    return proof
