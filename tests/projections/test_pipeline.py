"""What is on its way: sizes, starts and signings, counted by hand."""

from typing import Any

from psycopg import Connection

from domain.fact import Fact
from tests.judgement.facts import fact
from tests.projections.asking import Row
from tests.projections.life import ask, telling
from tests.projections.money_and_lists import YI, of_stream, registered
from tests.projections.steering import signed, started


def intended(project: str, yuan: int | None, **more: Any) -> Fact:
    money = None if yuan is None else {"yuan": yuan}
    return fact("ProjectRegistered", "2019-01-05", project, intended_investment=money, **more)


def cells(rows: list[Row]) -> list[tuple[Any, ...]]:
    return [(row("phase"), row("from_yi"), row("below_yi"), int(row("projects"))) for row in rows]


def test_projects_are_counted_by_phase_and_size(read_models: Connection[Any]) -> None:
    facts = [
        intended("talked", 100 * YI, district="320602"),
        intended("unknown", None, district="320602"),
        intended("small", YI - 1, district="320602"),
        intended("grown", YI - 1, district="320602"),
        signed("grown", "2019-02-01", 10 * YI),
        intended("built", 50 * YI, district="320602"),
        started("built", "2019-03-01"),
        intended("elsewhere", YI, district="321102"),
    ]

    with telling(read_models, facts) as connection:
        place = {"filter.region": ["3206"]}
        assert cells(ask(connection, "pipeline", "2019-12-31", **place)) == [
            ("lead", "0", "1", 1),
            ("lead", "100", None, 1),
            ("lead", None, None, 1),
            ("signing", "10", "100", 1),
            ("construction", "10", "100", 1),
        ]
        two = ask(connection, "pipeline", "2019-02-28", bounds="{50}", **place)
        assert cells(two) == [
            ("lead", "0", "50", 1),
            ("lead", "50", None, 2),
            ("lead", None, None, 1),
            ("signing", "0", "50", 1),
        ]
        assert two[1].amount("total_investment", "yi_yuan") == "150"


def begun(project: str, on: str, ceremony: str | None = None) -> Fact:
    return fact("ConstructionStarted", on, project, ceremony=ceremony)


def test_starts_are_counted_by_quarter_and_ceremony(read_models: Connection[Any]) -> None:
    facts = [
        *(intended(f"p{number}", 6 * YI) for number in range(34)),
        *(begun(f"p{number}", "2019-10-18", "秋季集中开工") for number in range(34)),
        intended("early", YI // 2),
        begun("early", "2019-09-30"),
        # A second phase begins later; the project started once.
        begun("early", "2019-11-01", "秋季集中开工"),
        intended("coarse", YI),
        begun("coarse", "2019"),
    ]

    with telling(read_models, facts) as connection:
        asked = {"from": "2019-01-01", "to": "2019-12-31"}
        third, fourth = ask(connection, "starts", "2019-12-31", **asked)

        assert [(row("period"), row("starts")) for row in (third, fourth)] == [
            ("2019-Q3", "1"),
            ("2019-Q4", "35"),
        ]
        (ceremony,) = fourth.many("ceremonies")
        assert (ceremony("name"), ceremony("on"), ceremony("starts")) == (
            "秋季集中开工",
            "2019-10-18",
            "34",
        )
        assert ceremony.amount("total_investment", "yi_yuan") == "204"
        large = ask(connection, "starts", "2019-12-31", min_yi="2", bucket="YEAR", **asked)
        assert [(row("period"), row("starts")) for row in large] == [("2019", "34")]


def test_signings_show_what_goes_into_parks(read_models: Connection[Any]) -> None:
    made = [
        *(intended(f"m{number}", YI, park=f"园区{number % 2}") for number in range(19)),
        intended("out", YI, park=None),
        intended("hotel", YI, park="园区1", industry_gb4754="H61"),
        intended("small", YI - 1, park="园区1"),
    ]
    facts = [
        *made,
        *(signed(str(told.project), "2024-12-31", YI - (told.project == "small")) for told in made),
        registered("late"),
        signed("late", "2025-01-01", YI),
    ]

    with telling(read_models, facts) as connection:
        asked = {"from": "2024-01-01", "to": "2024-12-31"}
        (row,) = ask(connection, "signing_summary", "2024-12-31", **asked)

        assert (row("projects"), row("manufacturing")) == ("21", "20")
        assert row.percent("manufacturing_share") == "95.2"
        assert row.percent("park_entry_rate") == "95.0"
        parks = [
            (each("park"), each("projects"), each("manufacturing")) for each in row.many("by_park")
        ]
        assert parks == [("园区0", "10", "10"), ("园区1", "10", "9")]
        (none,) = ask(connection, "signing_summary", "2024-12-31", **asked, region=["44"])
        assert (none("projects"), none.percent("park_entry_rate")) == ("0", None)


def test_banners_are_listed_with_their_rounds(read_models: Connection[Any]) -> None:
    facts = [
        of_stream(fact("BannerAwarded", "2019-10-20", None), "round/NT-2019-Q3"),
        of_stream(
            fact(
                "BannerAwarded",
                "2019-10-20",
                None,
                district="320682",
                kind="statement-required",
            ),
            "round/NT-2019-Q3",
        ),
    ]

    with telling(read_models, facts) as connection:
        asked = {"from": "2019-10-01", "to": "2019-12-31"}
        rows = ask(connection, "banners", "2019-12-31", **asked)
        assert [(row("region"), row("kind"), row("round")) for row in rows] == [
            ("320685", "red-banner", "NT-2019-Q3"),
            ("320682", "statement-required", "NT-2019-Q3"),
        ]
        assert len(ask(connection, "banners", "2019-12-31", region=["320682"], **asked)) == 1
        assert ask(connection, "banners", "2019-10-19", **asked) == []


def idle(project: str, on: str, act: str, mu: str, parcel: str) -> Fact:
    return fact("LandResumedOrIdle", on, project, act=act, area_mu=mu, parcel_id=parcel)


def test_idle_land_is_kept_by_parcel(read_models: Connection[Any]) -> None:
    facts = [
        registered("a"),
        registered("b", "321102"),
        idle("a", "2024-02-01", "idle-declared", "50", "G1"),
        idle("a", "2024-03-01", "fee", "50", "G1"),
        idle("a", "2024-03", "idle-declared", "30.5", "G2"),
        idle("a", "2024-09-01", "resumed", "30.5", "G2"),
        idle("b", "2024-03-01", "returned", "7", "G3"),
    ]

    with telling(read_models, facts) as connection:
        asked = {"from": "2024-03-01", "to": "2024-12-31"}

        def mu(on: str, **region: Any) -> dict[str, str]:
            (row,) = ask(connection, "idle_land", on, **asked, **region)
            names = ("declared", "charged", "resumed", "returned", "idle")
            areas = {name: row.one(name) for name in names}
            return {name: found("value") for name, found in areas.items() if found is not None}

        sums = {"declared": "30.5", "charged": "50", "resumed": "30.5", "returned": "0"}
        assert mu("2024-12-31", region=["3205"]) == {**sums, "idle": "50"}
        assert mu("2024-08-31", region=["3205"]) == {**sums, "resumed": "0", "idle": "80.5"}
        assert mu("2024-12-31") == {**sums, "returned": "7", "idle": "50"}
        assert set(mu("2024-12-31", region=["44"]).values()) == {"0"}
        (row,) = ask(connection, "idle_land", "2024-12-31", **asked)
        shown = [(each("parcel"), each("act"), each("on")) for each in row.many("parcels")]
        assert shown == [
            ("G1", "fee", "2024-03-01"),
            ("G3", "returned", "2024-03-01"),
            ("G2", "resumed", "2024-09-01"),
        ]
