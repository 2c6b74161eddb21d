"""Permits on one day, and building as soon as the land is won."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.land_and_start import achieved_in, land_and_start
from domain.marks import all_marks
from domain.permit_burst import permit_burst
from domain.policies import preset
from tests.judgement.facts import PERMITS, daxin, day, fact, kecai, permit

FIVE = preset("permit-set/five@1").rules
RULES = preset("land-and-start/default@1").rules


def achieved(facts: list, **kind: object) -> list[bool | None]:
    judged = land_and_start(all_marks(facts), {**RULES, **kind}, "1")
    return [each.achieved for each in judged]


def test_kecai_got_five_permits_on_the_twelfth_of_june() -> None:
    burst = permit_burst(kecai(), FIVE)

    assert burst is not None
    assert (burst.on, burst.count, burst.set_name) == (day("2024-06-12"), 5, "five")
    assert burst.kinds == PERMITS


def test_four_of_five_are_counted_but_are_no_set() -> None:
    burst = permit_burst([permit(kind, "2024-06-12") for kind in PERMITS[:4]], FIVE)

    assert burst is not None
    assert (burst.count, burst.set_name) == (4, None)


def test_a_kind_counts_once_and_others_and_coarse_dates_not_at_all() -> None:
    burst = permit_burst(
        [
            permit(PERMITS[0], "2024-06-12"),
            permit(PERMITS[0], "2024-06-12"),
            permit(PERMITS[1], "2024-06"),
            permit("temporary_power", "2024-06-12"),
        ],
        FIVE,
    )

    assert burst is not None
    assert burst.count == 1
    assert permit_burst([permit(PERMITS[1], "2024-06")], FIVE) is None


def test_the_first_of_equal_days_wins() -> None:
    burst = permit_burst([permit(PERMITS[1], "2024-06-13"), permit(PERMITS[0], "2024-06-12")], FIVE)

    assert burst is not None
    assert (burst.on, burst.kinds) == (day("2024-06-12"), (PERMITS[0],))


def test_a_window_may_span_days() -> None:
    burst = permit_burst(
        [permit(PERMITS[1], "2024-06-13"), permit(PERMITS[0], "2024-06-12")],
        {**FIVE, "window_days": 1},
    )

    assert burst is not None
    assert (burst.on, burst.count) == (day("2024-06-13"), 2)


def test_kecai_and_daxin_are_land_and_start() -> None:
    assert achieved(kecai()) == [True]
    assert achieved(daxin()) == [True]


def test_the_window_is_in_working_days_and_can_be_widened() -> None:
    # Friday before the Dragon Boat holiday to the Tuesday after it is one working day.
    land = fact("LandAwarded", "2024-06-07")

    assert achieved([land, permit("construction_permit", "2024-06-11")]) == [True]
    assert achieved([land, permit("construction_permit", "2024-06-12")]) == [False]
    widened = land_and_start(
        all_marks([land, permit("construction_permit", "2024-06-12")]), RULES, "1", within=2
    )
    assert [each.achieved for each in widened] == [True]


def test_a_permit_before_the_land_or_none_at_all_is_not_land_and_start() -> None:
    land = fact("LandAwarded", "2024-06-11")

    assert achieved([land, permit("construction_permit", "2024-06-10")]) == [False]
    assert achieved([land]) == [False]
    assert achieved([land, permit("construction_permit", "2024-06-11")]) == [True]


def test_a_coarse_date_leaves_it_open_unless_it_is_far_off() -> None:
    land = fact("LandAwarded", "2024-06-11")

    assert achieved([land, permit("construction_permit", "2024-06")]) == [None]
    assert achieved([land, permit("construction_permit", "2024-07")]) == [False]
    assert achieved([land, permit("construction_permit", "2093-07-01")]) == [None]


def test_each_phase_is_judged_by_its_own_permit() -> None:
    facts = [
        fact("LandAwarded", "2024-06-11", phase_id="1"),
        fact("LandAwarded", "2024-08-01", phase_id="2"),
        permit("construction_permit", "2024-06-12", phase_id="1"),
        permit("construction_permit", "2024-12-12", phase_id="2"),
    ]
    judged = land_and_start(all_marks(facts), RULES, "1")

    assert [each.achieved for each in judged] == [True, False]
    assert achieved_in(judged, date(2024, 6, 11), date(2024, 6, 11))
    assert not achieved_in(judged, date(2024, 7, 1), date(2024, 12, 31))


def test_the_start_itself_may_be_asked_for() -> None:
    assert achieved(kecai(), until="construction_started") == [False]
    assert achieved(kecai(), until="construction_started", within_workdays=6) == [True]


@given(st.lists(st.tuples(st.sampled_from(PERMITS), st.integers(0, 30)), min_size=1))
def test_a_wider_window_never_holds_fewer_permits(issued: list[tuple[str, int]]) -> None:
    first = date(2024, 3, 1)
    facts = [permit(kind, (first + timedelta(days=by)).isoformat()) for kind, by in issued]
    counts = [permit_burst(facts, {**FIVE, "window_days": days}) for days in range(4)]

    assert [burst.count for burst in counts] == sorted(burst.count for burst in counts)
