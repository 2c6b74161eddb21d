"""Every planted figure is answered, and a wrong fact turns the figures that it spoils red."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from domain.receipt import Status
from intake.delivery import Delivery
from projections.catalogue import VIEWS
from projections.runner import Runner
from server.checking import Checked, check, figures
from server.demonstration import Portfolio
from server.demonstration.figures import Figure
from server.house import opened
from server.operator import OPERATOR
from server.settings import Settings
from tests.demonstration.conftest import SMALL, USUAL
from tests.demonstration.loaded import asked, loaded


@pytest.fixture(scope="module")
def small(server: str, migrated: str) -> Iterator[str]:
    """Give a database with a small portfolio in it, which tests may spoil."""
    with loaded(server, migrated, SMALL) as conninfo:
        yield conninfo


def red(conninfo: str, portfolio: Portfolio) -> list[str]:
    """Name the figures that are not answered as planted."""
    rows: list[Checked] = asked(conninfo, lambda engine: check(engine, figures(portfolio)))
    assert len(rows) > 90
    return [f"{row.figure.name} ({row.answered})" for row in rows if not row.ok]


def test_every_figure_of_the_usual_portfolio_is_answered(demonstration: str) -> None:
    assert red(demonstration, USUAL) == []


def test_a_wrong_fact_turns_its_figures_red(small: str, tmp_path: Path) -> None:
    too_much = Delivery(
        kind="LandAwarded",
        system="land",
        record_id="too-much",
        record_version="1",
        subject=kecai(small),
        occurred_on="2024-06-12",
        payload={"parcel_id": "P-1", "area_mu": "1", "price": {"yuan": 1}, "mode": "listing"},
    )
    assert asyncio.run(append(small, tmp_path, too_much)) is Status.ACCEPTED
    Runner(small, VIEWS).catch_up()

    assert red(small, SMALL) == ["land supplied, mu (1221.1)"]


def kecai(conninfo: str) -> str:
    """Give the id of Kecai's project."""
    figure = Figure(
        name="",
        place="",
        source="",
        expected="",
        question="zhangjiagang-admissions",
        path="atOnce.nodes[title=科彩（Kecai）新建项目].id",
    )
    ((row,),) = (asked(conninfo, lambda engine: check(engine, [figure])),)
    return f"project/{row.answered}"


async def append(conninfo: str, folder: Path, delivery: Delivery) -> Status:
    """Take one delivery in, by the real clock."""
    async with opened(Settings(data=folder), conninfo) as house:
        (receipt,) = await house.intake.receive([delivery], OPERATOR)
        return receipt.status


def test_what_cannot_be_answered_is_red(small: str) -> None:
    (figure, *_) = figures(SMALL)
    odd = [
        replace(figure, path="of2024[key=NOWHERE].projects"),
        replace(figure, path="nothing.at.all"),
        replace(figure, expected="ten"),
        replace(figure, relation=">"),
    ]

    rows = asked(small, lambda engine: check(engine, odd))

    assert [row.ok for row in rows] == [False] * 4
    assert rows[0].answered == rows[1].answered == "nothing"
