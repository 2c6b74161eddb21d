"""Districts ranked by SQL, compared with the definition in the domain."""

from fractions import Fraction
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from domain.fact import Fact
from domain.ranking import ranking
from projections.relations import ROOTS
from tests.judgement.facts import fact
from tests.projections.asking import Row
from tests.projections.life import ask, reader, telling
from tests.projections.money_and_lists import (
    YI,
    amended,
    invested,
    listed,
    of_stream,
    published,
    registered,
)
from tests.projections.ranked import (
    DISTRICTS,
    LISTS,
    PROJECTS,
    RULES,
    lines,
    policy,
    published_ranking,
    ranked,
)
from tests.projections.steering import adopted, commissioned, signed, started


def test_published_ranks_are_shown_as_published(read_models: Connection[Any]) -> None:
    facts = [
        RULES,
        published_ranking("2019-Q1", {"320685": 1, "320682": 2, "320602": 3}),
        published_ranking("2019-Q2", {"320685": 1, "320682": 1, "320602": 3}),
        published_ranking("2019-Q3", {"320602": 1, "320685": 2, "320682": 3}),
        # The same round again, corrected by the city itself.
        published_ranking("2019-Q3", {"320685": 1, "320682": 3, "320602": 2}, on="2019-11-01"),
        published_ranking("2019", {"320602": 1, "320685": 2}),
    ]

    with telling(read_models, facts) as connection:
        third = ranked(connection, "2019-Q3", "2019-12-31")
        rows = third.many("rows")

        assert (third("published"), third("published_at")) == ("true", "2019-11-01 04:00:00+00")
        assert [(row("rank"), row("region")) for row in rows] == [
            ("1", "320685"),
            ("2", "320602"),
            ("3", "320682"),
        ]
        # Hai'an came first three times in a row; so won nobody else.
        assert [row("consecutive_first") for row in rows] == ["3", "0", "0"]
        assert [row("movement") for row in rows] == ["0", "1", "-2"]
        first = ranked(connection, "2019-Q1", "2019-12-31").many("rows")
        assert [(row("movement"), row("consecutive_first")) for row in first] == [
            (None, "1"),
            (None, "0"),
            (None, "0"),
        ]
        # Until it was published there was none, until it was published again it was the first one.
        assert ranked(connection, "2019-Q3", "2019-10-30")("published") == "false"
        before = ranked(connection, "2019-Q3", "2019-10-31")
        assert before.many("rows")[0]("region") == "320602"
        assert [len(each.many("publications")) for each in (before, third)] == [1, 2]
        newest, oldest = third.many("publications")
        assert newest.columns["position"] > oldest.columns["position"]


def test_what_is_published_again_is_a_new_version(read_models: Connection[Any]) -> None:
    ranks, others = {"320685": 1, "320682": 2}, {"320685": 2, "320682": 1}
    facts = [
        published_ranking("2019-Q1", ranks, on="2019-04-10"),
        published_ranking("2019-Q1", others, on="2019-04-11"),
        published_ranking("2019-Q1", ranks, on="2019-04-11"),
        published_ranking("2019-Q2", ranks, on="2019-07-10"),
        published_ranking("2019-Q2", ranks, on="2019-07-10"),
        list_published("same", "1", "municipal", 2019),
        list_published("same", "1", "municipal", 2019),
        list_published("new", "1", "municipal", 2019),
        list_published("new", "2", "municipal", 2019),
        list_published("other", "1", "municipal", 2019),
        list_published("other", "2", "provincial", 2019),
    ]

    with telling(read_models, facts) as connection:
        found = ask(connection, "deviations", "2019-12-31")

        told = sorted((row("rule"), row("message").split()[1]) for row in found)
        assert told == [("G01", "other"), ("G01", "same"), ("G02", "2019-Q1")]
        here = {"filter": True, "filter.region": ["3206"]}
        assert [row("rule") for row in ask(connection, "deviations", "2019-12-31", **here)] == [
            "G02"
        ]
        narrowed = {"filter": True, "filter.park": ["x"]}
        assert ask(connection, "deviations", "2019-12-31", **narrowed) == []


def list_published(list_id: str, version: str, level: str, year: int) -> Fact:
    told = fact(
        "MajorProjectListPublished",
        "2019-01-10",
        None,
        list_id=list_id,
        level=level,
        year=year,
        version=version,
    )
    return of_stream(told, f"list/{list_id}")


def test_parks_are_found_by_the_place_of_their_policy(read_models: Connection[Any]) -> None:
    facts = [
        RULES,
        published_ranking("2024-Q1", {"nanfeng": 1, "daxin": 2}),
        of_stream(fact("BannerAwarded", "2024-04-20", None, round_id="2024-Q1", district="nanfeng"),
                  "round/2024-Q1"),
    ]  # fmt: skip

    with telling(read_models, facts) as connection:
        shown = [
            ranked(connection, "2024-Q1", "2024-12-31", region=[region])("published")
            for region in ("3206", "320685", "32", "3211")
        ]
        assert shown == ["true", "true", "true", "false"]
        asked = {"from": "2024-01-01", "to": "2024-12-31"}
        found = [
            len(ask(connection, "banners", "2024-12-31", region=[region], **asked))
            for region in ("320685", "3211")
        ]
        assert found == [1, 0]


def test_nobody_knew_a_ranking_before_it_was_recorded(read_models: Connection[Any]) -> None:
    facts = [RULES, registered("p1", "320602"), started("p1", "2024-02-01")]
    told = published_ranking("2024-Q1", {"320602": 5})

    with telling(read_models, [*facts, told]) as connection:
        root = ROOTS["ranking"]
        (before,) = reader(connection, "2024-12-31", known=told.position - 1).rows(
            root, period="2024-Q1"
        )
        (after,) = reader(connection, "2024-12-31", known=told.position).rows(
            root, period="2024-Q1"
        )
        assert (before("published"), lines(before)[0][:2]) == ("false", (1, "320602"))
        assert (after("published"), lines(after)[0][:2]) == ("true", (5, "320602"))


def test_points_of_a_publication_are_taken_as_they_are(read_models: Connection[Any]) -> None:
    scores = {
        "320602": {"done": {"raw": "101.5", "points": "20"}, "start": {"points": "-0.5"}},
        "320682": {"start": {"raw": "90", "points": "40", "numerator": "9", "denominator": "10"}},
    }
    facts = [RULES, published_ranking("2024-Q1", {"320602": 2, "320682": 1}, scores)]

    with telling(read_models, facts) as connection:
        found = ranked(connection, "2024-Q1", "2024-12-31")
        assert lines(found) == [(1, "320682", "40"), (2, "320602", "19.5")]
        (best, other) = found.many("rows")
        cells = [(c("code"), c("raw"), c("points"), c("weight")) for c in other.many("metrics")]
        assert cells == [("start", None, "-0.5", "40"), ("done", "101.5", "20", "25")]
        share = best.many("metrics")[0].one("rate")
        assert share is not None
        assert share("percent") == "90.0"


def test_a_place_without_anything_to_divide_by_gets_the_neutral_share(
    read_models: Connection[Any],
) -> None:
    rules = adopted(
        "ranking",
        """
neutral = 0.25
[[ranking.metric]]
code = "start"
measure = "start_rate"
points = "ratio"
weight = 40
""",
        jurisdiction="3206",
    )
    facts = [
        rules,
        published("m", "municipal"),
        *(registered(f"p{each}", each) for each in DISTRICTS),
        listed("p320602", "m", "new", YI),
        listed("p320682", "m", "new", YI),
        amended("p320682", "m", "remove", "2024-03-01"),
    ]

    with telling(read_models, facts) as connection:
        found = ranked(connection, "2024-Q1", "2024-12-31")
        assert lines(found) == [(1, "320682", "10"), (1, "320685", "10"), (3, "320602", "0")]
        (none, _, nothing) = (row.many("metrics")[0] for row in found.many("rows"))
        assert (none("raw"), nothing("raw")) == (None, "0")
        share = none.one("rate")
        assert share is not None
        assert (share("denominator"), share("percent")) == ("0", None)


def test_gaps_are_said(read_models: Connection[Any]) -> None:
    with telling(read_models, [registered("p1", "320602")]) as connection:
        found = ranked(connection, "2024-Q1", "2024-12-31")
        assert (found("published"), found.many("rows"), found.one("policy")) == ("false", [], None)
        assert found("reason") == "No ranking policy covers the period."
    with telling(read_models, [RULES, registered("p1", "320602")]) as connection:
        assert "not begun" in ranked(connection, "2025-Q1", "2024-12-31")("reason")
        unknown = ranked(connection, "2024-Q1", "2024-12-31", policy="ranking/unheard-of@1")
        assert "of this name" in unknown("reason")
        assert ranked(connection, "2024-Q1", "2024-12-31", region=["3205"]).many("rows") == []
        assert len(ranked(connection, "2024-Q1", "2024-12-31", region=["320602"]).many("rows")) == 1


def test_a_measure_counts_what_it_says(read_models: Connection[Any]) -> None:
    measures = {
        "signings": "3",
        "new_projects": "2",
        "signed_investment": "4.5",
        "starts": "1",
        "completions": "1",
        "land_awarded": "30.5",
        "stock_land": "12",
        "continuing_projects": "1",
        "enrolments": "1",
        "late_enrolments": "0",
        "enrolment_rate": "100",
        "park_entry_rate": "50",
        "manufacturing_share": "66.67",
        "commissioning_rate": "100",
    }
    rules = adopted(
        "ranking",
        "".join(
            f"""
[[ranking.metric]]
code = "{code}"
measure = "{code}"
points = "min-max"
"""
            for code in measures
        ),
        jurisdiction="3206",
    )
    place = "320602"
    facts = [
        rules,
        published("m", "municipal"),
        fact("ProjectRegistered", "2023-01-01", "a", district=place, park="新区"),
        fact("ProjectRegistered", "2023-01-01", "b", district=place, park=None),
        fact("ProjectRegistered", "2023-01-01", "c", district=place, industry_gb4754="H61"),
        *(signed(each, "2024-05-01", yuan) for each, yuan in (("a", 3 * YI), ("b", YI))),
        signed("c", "2024-04", YI // 2),
        signed("d", "2024-05-02"),
        listed("a", "m", "continuing", YI),
        listed("b", "m", "completing", YI),
        started("a", "2024-04-10"),
        started("b", "2024-03-31"),
        commissioned("b", "2024-06-30"),
        fact("CompletionAccepted", "2024-06-01", "b"),
        fact("StatisticsEnrolled", "2024-05-01", "a"),
        fact("StatisticsEnrolled", "2024-02-01", "b"),
        fact("LandAwarded", "2024-06-01", "a", area_mu="30.5"),
        fact("LandResumedOrIdle", "2024-06-02", "a", act="resumed", area_mu="12"),
        fact("LandResumedOrIdle", "2024-06-03", "a", act="idle-declared", area_mu="7"),
    ]

    with telling(read_models, facts) as connection:
        (row,) = ranked(connection, "2024-Q2", "2024-12-31").many("rows")
        assert {cell("code"): cell("raw") for cell in row.many("metrics")} == measures


def test_a_ranking_can_be_computed_under_any_policy(read_models: Connection[Any]) -> None:
    other = adopted(
        "ranking",
        """
[[ranking.metric]]
code = "starts"
measure = "starts"
points = "count"
each = 5
""",
        jurisdiction="320602",
        version="2",
    )
    facts = [
        RULES,
        other,
        registered("p1", "320602"),
        started("p1", "2024-02-01"),
        published_ranking("2024-Q1", {"320602": 7}),
    ]

    with telling(read_models, facts) as connection:
        found = ranked(connection, "2024-Q1", "2024-12-31", policy="ranking/test@2")
        assert (found("published"), lines(found)) == ("false", [(1, "320602", "5")])
        assert ranked(connection, "2024-Q1", "2024-12-31")("published") == "true"
        unknown = ranked(connection, "2024-Q1", "2024-12-31", policy="ranking/test@3")
        assert unknown.many("rows") == []


def of_cells(found: Row) -> dict[str, dict[str, tuple[Fraction, Fraction]]]:
    """Take back from the raw values what the metrics were made of."""
    return {
        row("region"): {cell("code"): _sums(cell, row("region")) for cell in row.many("metrics")}
        for row in found.many("rows")
    }


def _sums(cell: Row, _: str) -> tuple[Fraction, Fraction]:
    share = cell.one("rate")
    if share is not None:
        return Fraction(share("numerator")), Fraction(share("denominator"))
    scale = YI if cell("code") in ("spent", "size") else 1
    return Fraction(cell("raw")) * scale, Fraction(1)


days = st.sampled_from(["2024-02-10", "2024-05-20", "2024-08", "2024-Q2", "2024-12-01"])
projects = st.sampled_from(PROJECTS)
amounts = st.sampled_from([YI, YI // 2, YI // 4, 3 * YI, 0])
happenings = st.one_of(
    st.builds(started, projects, days),
    st.builds(commissioned, projects, days),
    st.builds(
        lambda p, c, y: listed(p, "m", c, y),
        projects,
        st.sampled_from(["new", "continuing"]),
        amounts,
    ),
    st.builds(lambda p, y: listed(p, "v", "new", y), projects, amounts),
    st.builds(lambda p, y: invested(p, "2024-03", y, "reported"), projects, amounts),
    st.builds(lambda p, y: invested(p, "2024-06", y), projects, amounts),
    st.builds(lambda p, on: fact("StatisticsEnrolled", on, p), projects, days),
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    told=st.lists(happenings, max_size=25),
    period=st.sampled_from(["2024-Q1", "2024-Q2", "2024-Q4", "2024-H1", "2024"]),
)
def test_points_scores_and_ranks_are_those_of_the_domain(
    read_models: Connection[Any], told: list[Fact], period: str
) -> None:
    with telling(read_models, [RULES, *LISTS, *told]) as connection:
        found = ranked(connection, period, "2024-12-31")
        wanted = ranking(policy().rules, period, of_cells(found))

        assert lines(found) == [(row.rank, row.unit, _plain(row.score)) for row in wanted]
        shown = {
            row("region"): [
                (c("code"), c("raw"), c("points"), c("weight")) for c in row.many("metrics")
            ]
            for row in found.many("rows")
        }
        assert shown == {
            row.unit: [
                (
                    m.code,
                    None if m.raw is None else _plain(m.raw),
                    _plain(m.points),
                    _plain(m.weight),
                )
                for m in row.metrics
            ]
            for row in wanted
        }


def _plain(value: Any) -> str:
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text
