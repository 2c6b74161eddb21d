"""Spans make answers fast and never other."""

from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from domain.fact import Fact
from projections.catalogue import VIEWS
from projections.folding.projection import Change
from projections.relations import ROOTS
from projections.spans.settling import settle, settled_position
from projections.spans.spans import settled_near
from projections.terms.relation import Many
from tests.judgement.facts import fact, planned
from tests.projections.asking import Reader, Row, load, opened
from tests.projections.life import RELATIONS, reader, telling
from tests.projections.lives import adoptions, days, lives, publications, targets

HEAD = 40
QUESTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("board", {}),
    ("board", {"filter.region": ["3205"]}),
    ("board", {"filter.colour": ["RED", "YELLOW"]}),
    ("projects", {"filter.colour": ["GREEN"]}),
    ("projects", {"filter.phase": ["LANDING", "CONSTRUCTION"]}),
    ("projects", {"filter.region": ["3205"]}),
    ("overdue", {}),
    ("overdue", {"filter.region": ["3204"], "min_days_late": 20}),
    ("colour_changes", {"from": "2024-01-01", "to": "2024-12-31"}),
)
COUNTED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("enrolment_gap", {}),
    ("evaluation_coverage", {"kind": "post_evaluation", "region": ["3205"]}),
    ("funnel", {}),
    ("funnel", {"filter.region": ["3205"], "filter.signed_from": "2024-02-01"}),
    ("lead_times", {"from": "land_awarded", "to": "construction_started"}),
    ("lead_times", {"from": "signed", "to": "commissioned", "filter.list_year": 2024}),
    ("targets", {"year": 2024}),
    ("ranking", {"period": "2024-Q2"}),
    ("deviations", {}),
    ("deviations", {"filter.region": ["3205"], "filter.list_year": 2024}),
)
"""Questions that are counted from what was settled about many projects."""
VALUES = (
    *("phase", "phase_least", "colour", "judged_colour", "title", "region", "park", "enterprise"),
    *("code", "intensity"),
)
positions = st.integers(1, HEAD)


def said(row: Row) -> str:
    """Give all columns of a row but the one that only spans have, which the colour stands for."""
    colour = row("colour") if row.relation.type == "MilestoneState" else None
    return f"{colour} {[text for name, text in row.columns.items() if name != 'shown']}"


BOARD = ROOTS["board"]


def answers(at: Reader) -> list[list[str]]:
    """Ask everything that reads spans, and take what the answers say in one order."""
    found = []
    for name, arguments in QUESTIONS:
        link = ROOTS[name]
        assert not (isinstance(link, Many) and at.is_absent(link, **arguments))
        found.append(sorted(said(row) for row in at.rows(link, **arguments)))
    return found


def counted(at: Reader) -> list[list[Any]]:
    """Ask what is counted over many projects."""
    return [
        [row.columns for row in at.rows(ROOTS[name], **arguments)] for name, arguments in COUNTED
    ]


def near(connection: Connection[Any], known: int) -> int | None:
    """Find the settlement that readers of single projects go by."""
    found = connection.execute(settled_near(f"{known}::bigint").encode()).fetchone()
    return None if found is None else int(found[0])


def states(asked: Reader, project: str) -> list[list[str]]:
    """Ask for everything that spans tell of one project; nothing where they do not tell."""
    found = asked.rows(ROOTS["project"], id=project)
    told: list[list[str]] = []
    for row in found:
        values = [row(name) for name in VALUES]
        amounts = [money and money.columns["yuan"] for money in (row.one("total_investment"),)]
        milestones = RELATIONS["Project"].fields["milestones"]
        assert isinstance(milestones, Many)
        inside = replace(asked, parent=row.columns, parent_type="Project")
        if row("title") is None or inside.is_absent(milestones):
            return []
        told.append([*values, *amounts, *(land.columns["mu"] for land in row.many("demand_land"))])
        told.append([said(node) for node in inside.rows(milestones)])
    return told


@st.composite
def beliefs(draw: st.DrawFn, facts: list[Fact]) -> list[Change]:
    """Let facts be believed from some position on, a few of them only up to another."""
    changes = []
    for told in facts:
        since = draw(positions)
        changes.append(Change(since, told.id, None, told))
        until = draw(st.integers(since + 1, 4 * HEAD))
        if until <= HEAD:
            changes.append(Change(until, told.id, told, None))
    return changes


lawful = settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@lawful
@given(data=st.data())
def test_answers_are_those_without_spans(read_models: Connection[Any], data: st.DataObject) -> None:
    told = [*data.draw(lives("p1")), *data.draw(lives("p2")), *publications(), *targets()]
    told += data.draw(st.lists(st.sampled_from(adoptions()), max_size=2))
    late = data.draw(beliefs(told))
    moments = st.tuples(days.map(date.fromisoformat), positions)
    asked = data.draw(st.lists(moments, min_size=2, max_size=3))

    with telling(read_models, []) as connection:
        load(connection, VIEWS, sorted([*opened(adoptions(), 1), *late], key=lambda c: c.position))
        judging = [reader(connection, on, known=known) for on, known in asked]
        before = [answers(at) for at in judging]
        for position in sorted(data.draw(st.sets(positions, min_size=1, max_size=3))):
            settle(connection, position, page=1)

        assert [answers(at) for at in judging] == before
        for at in judging:
            by_spans = replace(at, settled=near(connection, at.known))
            assert by_spans.settled is None or counted(by_spans) == counted(at)
            for project in ("p1", "p2") if by_spans.settled is not None else ():
                assert states(by_spans, project) in ([], states(at, project))


@lawful
@given(data=st.data())
def test_a_settled_position_is_answered_from_spans_alone(
    read_models: Connection[Any], data: st.DataObject
) -> None:
    told = [*data.draw(lives("p1")), *data.draw(lives("p2")), *publications(), *targets()]
    late = data.draw(beliefs(told))
    moments = data.draw(st.lists(days.map(date.fromisoformat), min_size=2, max_size=3))

    with telling(read_models, []) as connection:
        load(connection, VIEWS, sorted([*opened(adoptions(), 1), *late], key=lambda c: c.position))
        settlements = sorted(data.draw(st.sets(positions, min_size=1, max_size=2)))
        judged = [reader(connection, on, known=known) for on in moments for known in settlements]
        before = [answers(at) for at in judged]
        for position in settlements:
            settle(connection, position)

        for at, answered in zip(judged, before, strict=True):
            by_spans = replace(at, settled=at.known)
            assert answers(by_spans) == answered
            assert counted(by_spans) == counted(at)
            for project in ("p1", "p2"):
                assert states(by_spans, project) == states(at, project)


def overdue(connection: Connection[Any]) -> None:
    """Tell of a project whose start is overdue in July."""
    facts = [
        fact("ProjectRegistered", "2024-01-05", district="320412"),
        planned("construction_started", "2024-06-30"),
    ]
    load(connection, VIEWS, opened([*facts, *adoptions()], 1))


def red(connection: Connection[Any], known: int) -> list[str | None]:
    """Ask how many projects are red."""
    rows = reader(connection, "2024-12-31", known=known).rows(ROOTS["board"])
    return [row("red") for row in rows]


def test_a_settled_board_reads_spans_and_judges_what_changed_since(
    read_models: Connection[Any],
) -> None:
    with telling(read_models, []) as connection:
        overdue(connection)
        assert settle(connection, 1) == 1
        connection.execute("UPDATE read.project_spans SET colour = 'green'")
        connection.execute("UPDATE read.board_pages SET green = red, red = grey")

        assert red(connection, 1) == ["0"]
        load(connection, VIEWS, opened([fact("LandAwarded", "2024-07-01", area_mu="1")], 2))
        assert (red(connection, 1), red(connection, 2)) == (["0"], ["1"])


def test_settling_again_judges_only_what_changed(read_models: Connection[Any]) -> None:
    with telling(read_models, []) as connection:
        overdue(connection)
        other = fact("ProjectRegistered", "2024-01-05", "p2", district="320412")
        load(connection, VIEWS, opened([other], 1))
        assert (settle(connection, 1), settle(connection, 1)) == (2, 0)

        load(connection, VIEWS, opened([fact("Commissioned", "2024-08-01", "p2")], 2))

        assert (settle(connection, 2), settle(connection, 3)) == (1, 0)
        assert settled_position(connection, 3) == 3


def test_a_read_model_that_is_behind_undoes_nothing(read_models: Connection[Any]) -> None:
    with telling(read_models, []) as connection:
        overdue(connection)
        settle(connection, 2)

        assert settle(connection, 1) == 0
        assert settled_position(connection, 1) == 2


def test_of_old_settlements_the_last_of_each_stretch_is_kept(read_models: Connection[Any]) -> None:
    with telling(read_models, []) as connection:
        overdue(connection)
        load(connection, VIEWS, opened([fact("ConstructionStarted", "2024-08-01")], 7))
        load(connection, VIEWS, opened([fact("ProjectTerminated", "2024-09-01")], 9_000))
        asked = [reader(connection, "2024-08-31", known=known) for known in (8, 9_000, 20_000)]
        judged = [answers(at) for at in asked]
        for position in (5, 6, 8, 9_000, 10_108, 20_000):
            settle(connection, position)

        kept = connection.execute("SELECT position FROM read.settlements ORDER BY 1").fetchall()
        assert [position for (position,) in kept] == [8, 9_000, 10_108, 20_000]
        assert [answers(replace(at, settled=at.known)) for at in asked] == judged


def test_boards_of_days_that_are_not_counted_are_absent(read_models: Connection[Any]) -> None:
    with telling(read_models, []) as connection:
        overdue(connection)
        settle(connection, 1)

        def is_absent(on: str, settled: int = 1) -> bool:
            asked = replace(reader(connection, on, known=settled), settled=settled)
            return asked.is_absent(BOARD)

        assert [is_absent(on) for on in ("1969-12-31", "1970-01-01", "2059-09-17")] == [
            True,
            False,
            False,
        ]
        assert [is_absent("2059-09-18"), is_absent("2024-12-31", 2)] == [True, True]


def test_a_new_policy_lets_everything_be_judged_anew(read_models: Connection[Any]) -> None:
    with telling(read_models, []) as connection:
        overdue(connection)
        settle(connection, 1)
        again = next(told for told in adoptions() if told.payload["kind"] == "colour")
        load(connection, VIEWS, opened([again], 2))

        assert settled_position(connection, 2) is None
        assert settle(connection, 2) == 1


def test_tables_that_were_made_anew_void_what_was_settled(read_models: Connection[Any]) -> None:
    with telling(read_models, []) as connection:
        overdue(connection)
        settle(connection, 1)
        connection.execute("CREATE TABLE anew (LIKE read.lists INCLUDING ALL)")
        connection.execute("DROP TABLE read.lists")
        connection.execute("ALTER TABLE anew RENAME TO lists")

        assert settled_position(connection, 1) is None
