"""Published operations are timed on served ledgers, of which the larger may take so much longer."""

import re
from collections.abc import Iterator

import pytest

from server.bench.served import NothingToAskAbout, Served, Timed, timed
from server.client import LedgerClient
from tests.intake.events import event, registration

CODE = "2407-320582-89-01-729325"


@pytest.fixture
def ledger(common_writer) -> Iterator[LedgerClient]:
    token = common_writer.headers["Authorization"].removeprefix("Bearer ")
    door = common_writer._transport
    with LedgerClient("http://127.0.0.1", token, transport=door, patience_seconds=5) as ledger:
        about = {"subject": "project/served"}
        told = [
            registration("served-r#1", **about),
            event("ProjectCodeAssigned", "served-c#1", {"code": CODE}, **about),
        ]
        position = max(receipt["position"] for receipt in ledger.append(told))
        ledger.query("query($to: Int!) { board(atLeast: $to) { total } }", {"to": position})
        yield ledger


def test_operations_are_asked_by_turns_about_what_is_there(ledger: LedgerClient) -> None:
    served = Served.found(ledger, CODE)

    of_one = timed([served, served], "permit-cases", rounds=1)
    of_all = timed([served, served], "board", rounds=1)

    assert served.variables["id"] == "served"
    assert served.variables["code"] == CODE
    assert of_one is not None
    assert of_all is not None
    assert (of_one.at_most, of_all.at_most) == (3.0, 1.0)
    assert min(*of_one.milliseconds, *of_all.milliseconds) > 0


def test_the_receipt_of_a_delivery_is_asked_for_only_where_one_is_named(
    ledger: LedgerClient,
) -> None:
    assert timed([Served.found(ledger, CODE)], "import-receipt", rounds=1) is None


def test_a_text_that_finds_no_project_is_told(ledger: LedgerClient) -> None:
    with pytest.raises(NothingToAskAbout, match="nobody calls it so"):
        Served.found(ledger, "nobody calls it so")


@pytest.mark.parametrize(
    ("milliseconds", "met"),
    [
        ((999.0,), True),
        ((1000.0,), False),
        ((29.0, 10.0), True),
        ((31.0, 10.0), False),
        ((10.0, 1000.0), False),
    ],
)
def test_an_operation_is_quick_and_not_much_slower_in_the_larger_ledger(
    milliseconds: tuple[float, ...], met: bool
) -> None:
    assert Timed("board", milliseconds, at_most=3.0).met is met


def test_an_operation_that_is_refused_is_told_and_not_met(
    ledger: LedgerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = Served.found(ledger, CODE)
    monkeypatch.setattr("server.bench.served._ASKED", re.compile("nothing is asked for"))

    row = timed([served], "permit-cases", rounds=1)

    assert row is not None
    assert row.refused is not None
    assert "id" in row.refused
    assert (row.milliseconds, row.met) == ((), False)
