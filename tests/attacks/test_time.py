"""Facts are bracketed by outside times, and no token stands for anything else."""

import asyncio
from pathlib import Path

import psycopg
import pytest

from domain.kinds import KINDS
from ledger.reading import ledger_events
from ledger.time_token import BadToken, TimeToken, question, roots_in
from server.clerk import stamp_daily
from server.house import opened
from server.settings import Settings
from tests.attacks.attack import attack
from tests.attacks.authority import Authority
from tests.attacks.conftest import Scene
from tests.attacks.histories import flipped
from tests.attacks.test_backups import lifecycle


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority") / "own")


@pytest.fixture
def stamped(scene: Scene, authority: Authority) -> Scene:
    with authority.serving() as address:
        code, told = lifecycle(
            scene.office, "ledger", "stamp", "--authority", address, "--root", authority.root
        )
    assert (code, told["authority"]) == (0, address)
    return scene


def test_a_stamped_checkpoint_returns_as_an_event(stamped: Scene, authority: Authority) -> None:
    with psycopg.connect(stamped.office.database) as connection:
        [event] = ledger_events(connection, ["TimeTokenReceived"])

    assert event.payload["size"] == 600
    verdict = stamped.verify("--tsa-root", authority.root)
    assert (verdict.code, verdict.found) == (0, {}), verdict.messages


@attack(32, "date facts after a time token that covers them", "`lifecycle verify`: `time_tokens`")
def test_facts_that_claim_to_be_younger_than_their_token_are_found(stamped: Scene) -> None:
    with stamped.unguarded() as connection:
        connection.execute(
            "UPDATE ledger.events SET recorded_at = now() + interval '1 day' WHERE position = 600"
        )

    assert "time_tokens" in stamped.verify().found


@attack(33, "give a foreign or altered time token", "`lifecycle verify`: `time_tokens`")
def test_a_false_token_is_found(stamped: Scene, tmp_path: Path) -> None:
    other = Authority(tmp_path / "other")
    assert "time_tokens" in stamped.verify("--tsa-root", other.root).found
    with stamped.unguarded() as connection:
        connection.execute(
            "UPDATE ledger.events SET bytes = convert_to(replace(convert_from(bytes, 'UTF8'),"
            " '\"token\":\"MI', '\"token\":\"MJ'), 'UTF8') WHERE kind = 'TimeTokenReceived'"
        )
    assert "time_tokens" in stamped.verify().found


def test_a_token_is_over_one_checkpoint_only(authority: Authority) -> None:
    asked, other = question("one checkpoint\n"), question("another checkpoint\n")
    token = TimeToken(authority.answer(asked.data))
    roots = roots_in(authority.root)

    assert token.check(asked.digest, roots, asked.nonce) == token.stamped_at(asked.digest)
    for digest, nonce in ((other.digest, asked.nonce), (asked.digest, other.nonce)):
        with pytest.raises(BadToken):
            token.check(digest, roots, nonce)
    with pytest.raises(BadToken):
        TimeToken(token.data[:-9]).check(asked.digest, roots)
    with pytest.raises(BadToken):
        TimeToken.decode("!")
    with pytest.raises(BadToken, match="root"):
        roots_in(authority.folder / "missing")
    assert KINDS["TimeTokenReceived"].validated(
        {**KINDS["TimeTokenReceived"].example, "token": token.text}
    )


def test_an_authority_that_does_not_answer_is_named(scene: Scene, authority: Authority) -> None:
    code, error = lifecycle(
        scene.office,
        *("ledger", "stamp", "--authority", "http://127.0.0.1:9/", "--root", authority.root),
    )

    assert code == 1
    assert error.code == "no_authority"


def test_what_was_found_is_recorded_when_asked(scene: Scene) -> None:
    with scene.unguarded() as connection:
        connection.execute(
            f"UPDATE ledger.tiles SET hashes = {flipped('hashes', 4000)} WHERE index = 1"
        )

    assert scene.verify("--record").found == {"tiles": 1}
    with psycopg.connect(scene.office.database) as connection:
        [event] = ledger_events(connection, ["FindingReported"])
    assert (event.payload["check"], event.payload["findings"]) == ("tiles", 1)


def test_the_server_has_a_stamp_once_a_day(scene: Scene, authority: Authority) -> None:
    with authority.serving() as address:
        settings = Settings(
            data=scene.office.folder, time_authority=address, time_root=authority.root
        )

        async def twice() -> list[bool]:
            async with opened(settings, scene.office.database) as house:
                return [await stamp_daily(house) for _ in range(2)]

        assert asyncio.run(twice()) == [True, False]
