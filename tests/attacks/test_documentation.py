"""The documentation of proof says what the tests test, and names tests that exist."""

import re
from importlib import import_module
from pathlib import Path

from tests.attacks.attack import table

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "proof.md"
MODULES = (
    "database",
    "histories",
    "backups",
    "beside",
    "erasing",
    "two_persons",
    "published",
    "bundles",
    "witness",
    "doors",
    "time",
    "forgeries",
    "signed_sources",
    "unreadable",
)


def attacks_in(page: str) -> str:
    found = re.search(r"<!-- attacks -->\n(.*?)<!-- end -->", page, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_table_of_attacks_is_that_of_the_tests() -> None:
    for module in MODULES:
        import_module(f"tests.attacks.test_{module}")

    assert attacks_in(PAGE.read_text()) == table(), "write it anew: print tests.attacks.table()"


def test_each_promise_names_tests_that_exist() -> None:
    rows = re.findall(r"^\| (P\d+) \| (.+?) \| (.+?) \|$", PAGE.read_text(), re.MULTILINE)

    assert [number for number, _, _ in rows] == [f"P{number}" for number in range(1, 21)]
    for number, promise, tests in rows:
        named = re.findall(r"`(tests/\S+\.py)::(\w+)`", tests)
        assert named, number
        assert promise.endswith(".")
        for file, name in named:
            text = (ROOT / file).read_text()
            assert re.search(rf"^(async )?def {name}\(", text, re.MULTILINE), (number, name)
