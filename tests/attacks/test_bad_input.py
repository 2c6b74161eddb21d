"""Auditors who ask for what cannot be are told which value of what is wrong, and what would do."""

import asyncio
from pathlib import Path

import pytest
from api.engine import Settings
from api.serving import engine_over
from psycopg import AsyncConnection
from typer.testing import CliRunner

from domain.errors import LedgerError
from ledger.checkpoint import Checkpoint
from ledger.key_file import new_signer
from ledger.note import Note
from ledger.proof import BeyondTree
from ledger.publication import continued
from server.commands.replay import pages
from server.inquiry import TookTooLong
from server.program import program
from tests.attacks.conftest import Prepared, Scene
from tests.attacks.histories import NAME, SIZE

REFUSED = (
    (("verify", "--against", "{folder}"), "unreadable_file"),
    (("verify", "--against", "{folder}/missing"), "unreadable_file"),
    (("verify", "--key", ""), "malformed_key"),
    (("verify", "--key", "{key}x"), "malformed_key"),
    (("verify", "--tsa-root", "{empty}"), "bad_token"),
    (("verify", "--offline", "{empty}", "--against", "{empty}"), "unfitting_options"),
    (("verify", "--offline", "{empty}", "--models"), "unfitting_options"),
    (("verify", "--published", "{folder}", "--record"), "unfitting_options"),
    (("verify", "--published", "{folder}", "--offline", "{empty}"), "unfitting_options"),
    (("bundle", "{folder}/b.zip", "--event", "{unknown}"), "no_such_event"),
    (("bundle", "{folder}/b.zip", "--event", "17"), "invalid_value"),
    (("bundle", "{folder}/b.zip", "--project", ""), "unknown_project"),
    (("bundle", "{folder}/b.zip"), "unclear_scope"),
    (("bundle", "{folder}", "--all"), "target_taken"),
    (("bundle", "{empty}/b.zip", "--all"), "unusable_target"),
    (("backup", "{folder}"), "unusable_target"),
    (("backup", "{empty}/backup"), "unusable_target"),
    (("restore", "{folder}"), "damaged_backup"),
    (("ledger", "export", "{empty}"), "unusable_target"),
    (("replay", ""), "unknown_project"),
    (("replay", "p1", "--known", "2024-06-31"), "invalid_date"),
    (("replay", "p1", "--from", "-1"), "invalid_date"),
    (("replay", "p1", "--on", "2024-06"), "invalid_date"),
    (("diff", "--from", "99999-01-01"), "invalid_date"),
    (("diff", "--from", "2024-07-01", "--to-on", "x"), "invalid_date"),
)


def cured(office_folder: Path, database: str, arguments: list[str]) -> LedgerError:
    """Run what must be refused, and give what was said."""
    result = CliRunner().invoke(
        program, [*arguments, "--data", str(office_folder)], env={"DATABASE_URL": database}
    )
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, LedgerError), repr(result.exception)
    assert result.exception.cure
    return result.exception


@pytest.mark.parametrize(("words", "code"), REFUSED, ids=lambda each: " ".join(each)[-40:])
def test_the_command_line_refuses_with_a_cure(
    prepared: Prepared, tmp_path: Path, words: tuple[str, ...], code: str
) -> None:
    (tmp_path / "empty").touch()
    facts = {
        "folder": tmp_path,
        "empty": tmp_path / "empty",
        "key": prepared.office.signer.verifier.text,
        "unknown": "0190e1d3-0000-7000-8000-000000000000",
    }
    arguments = [word.format_map(facts) for word in words]

    error = cured(prepared.office.folder, prepared.office.database, arguments)

    assert error.code == code
    if code == "invalid_date":
        place = words.index("--known") if "--known" in words else len(words) - 2
        assert (error.field, error.value) == (words[place].removeprefix("--"), words[place + 1])


@pytest.mark.parametrize("moment", ["0001-01-01", "2999-01-01", "9999-12-31", "9999"])
def test_any_moment_that_exists_can_be_asked_for(prepared: Prepared, moment: str) -> None:
    for words in (
        ["diff", "--from", "2024-07-01", "--to"],
        ["diff", "--to", "2024-07-01", "--from"],
    ):
        result = CliRunner().invoke(
            program,
            [*words, moment, "--json", "--data", str(prepared.office.folder)],
            env={"DATABASE_URL": prepared.office.database},
        )
        assert result.exit_code == 0, repr(result.exception)


def test_published_files_are_compared_with_a_checkpoint_that_was_kept(
    prepared: Prepared, tmp_path: Path
) -> None:
    signer = prepared.office.signer
    foreign = new_signer(NAME)
    kept = tmp_path / "kept"

    def check(note: str) -> tuple[int, bool]:
        kept.write_text(note)
        files = ["--published", str(prepared.published), "--against", str(kept)]
        result = CliRunner().invoke(
            program, ["verify", *files, "--key", signer.verifier.text, "--json"]
        )
        return result.exit_code, '"against"' in result.stdout

    for size in (300, 500, 600):
        assert check(prepared.notes[size]) == (0, False)
        told = Checkpoint.of(Note.parse(prepared.notes[size]))
        other = Checkpoint(NAME, size, bytes(32))
        assert check(other.signed(signer).written) == (1, True)
        assert check(told.signed(foreign).written) == (1, True)
    assert check(Checkpoint(NAME, 601, bytes(32)).signed(signer).written) == (1, True)
    assert check("") == (1, True)


def test_who_is_asked_for_too_much_says_how_to_ask_for_less(scene: Scene) -> None:
    async def ask() -> None:
        in_no_time = Settings(seconds=1e-6)
        engine = engine_over(scene.office.database, connections=1, settings=in_no_time)
        variables = {"project": "p1", "eachDay": False}
        async for _ in pages(engine, variables, "en"):
            pytest.fail("there was no time for an answer")

    with pytest.raises(TookTooLong) as refused:
        asyncio.run(ask())
    assert refused.value.cure == "Ask for fewer events with --from and --to."


def test_a_proof_between_impossible_sizes_names_possible_ones(prepared: Prepared) -> None:
    async def ask(old: int, new: int) -> None:
        database = prepared.office.database
        async with await AsyncConnection.connect(database, autocommit=True) as connection:
            await continued(connection, old, new)

    for old, new in ((0, 0), (0, 5), (-1, 5), (1, 0), (5, 601), (601, 700)):
        with pytest.raises(BeyondTree) as refused:
            asyncio.run(ask(old, new))
        assert refused.value.cure == f"Ask for something between 1 and {SIZE}."
    assert BeyondTree(what="size", value=1, size=0).cure.startswith("Nothing is recorded yet")
