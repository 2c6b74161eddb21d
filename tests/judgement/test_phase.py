"""The phase of a life follows from its facts, phase by phase."""

from hypothesis import given
from hypothesis import strategies as st

from domain.fact import Fact
from domain.phase import RANK, Phase
from domain.project import project_at
from tests.judgement.facts import day, fact, permit, planned

END = day("2030-01-01")


def phase(*facts: Fact) -> Phase:
    return project_at(facts, END, ()).phase


LIFE = [
    (fact("ProjectRegistered", "2022-01-05"), Phase.LEAD),
    (fact("ProjectSigned", "2022-02-01"), Phase.SIGNING),
    (fact("InvestmentApprovalObtained", "2022-03-01"), Phase.LANDING),
    (fact("LandAwarded", "2022-04-01"), Phase.LANDING),
    (fact("ConstructionStarted", "2022-05-01"), Phase.CONSTRUCTION),
    (fact("CompletionAccepted", "2023-05-01", scope="whole"), Phase.COMMISSIONING),
    (fact("Commissioned", "2023-06-01"), Phase.COMMISSIONING),
    (fact("CapacityReached", "2024-06-01"), Phase.CAPACITY),
    (fact("PostEvaluationCompleted", "2024-09-01", checkpoint="capacity"), Phase.CLOSED),
]


def test_a_usual_life_goes_through_all_phases() -> None:
    for length, (_, expected) in enumerate(LIFE, start=1):
        assert phase(*(each for each, _ in LIFE[:length])) is expected


def test_any_evidence_of_landing_is_enough() -> None:
    for evidence in (
        fact("AdmissionDecided", "2024-01-01", outcome="conditional"),
        fact("PremisesSecured", "2024-01-01"),
        fact("PermitStatusReported", "2024-01-01"),
    ):
        assert phase(evidence) is Phase.LANDING


def test_a_refused_admission_and_a_simulated_review_are_no_landing() -> None:
    assert phase(fact("AdmissionDecided", "2024-01-01", outcome="reject")) is Phase.LEAD
    assert phase(fact("PermitStatusReported", "2024-01-01", simulated=True)) is Phase.LEAD


def test_a_missing_predecessor_does_not_hold_a_life_back() -> None:
    assert phase(fact("Commissioned", "2024-01-01")) is Phase.COMMISSIONING


def test_only_the_final_evaluation_closes_and_only_after_capacity() -> None:
    annual = fact("PostEvaluationCompleted", "2024-09-01", checkpoint="annual")
    final = fact("PostEvaluationCompleted", "2024-09-01", checkpoint="capacity")

    assert phase(fact("CapacityReached", "2024-06-01"), annual) is Phase.CAPACITY
    assert phase(fact("Commissioned", "2024-06-01"), final) is Phase.COMMISSIONING


def test_a_coarse_fact_counts_from_the_last_day_it_may_mean() -> None:
    signed = [fact("ProjectSigned", "2024-Q2")]

    assert project_at(signed, day("2024-06-29"), ()).phase is Phase.LEAD
    assert project_at(signed, day("2024-06-30"), ()).phase is Phase.SIGNING


def test_a_suspension_shows_until_work_resumes() -> None:
    started = fact("ConstructionStarted", "2024-01-10")
    stopped = fact("ProjectSuspended", "2024-02-01", scope="project")
    resumed = fact("ProjectResumed", "2024-03-01", scope="project")

    assert phase(started, stopped) is Phase.SUSPENDED
    assert phase(started, stopped, resumed) is Phase.CONSTRUCTION
    assert phase(started, resumed, fact("ProjectSuspended", "2024-04-01")) is Phase.SUSPENDED


def test_a_suspended_phase_leaves_the_others_going() -> None:
    project = project_at(
        [
            fact("PhaseDefined", "2024-01-01", phase_id="1", ordinal=1),
            fact("PhaseDefined", "2024-01-01", phase_id="2", ordinal=2),
            fact("ConstructionStarted", "2024-02-01"),
            fact("LandAwarded", "2024-02-01", phase_id="2"),
            fact("ProjectSuspended", "2024-03-01", scope="2"),
        ],
        END,
        (),
    )

    assert project.phase is Phase.CONSTRUCTION
    assert project.phase_least is Phase.SUSPENDED


def test_a_resumed_phase_goes_on_although_the_project_was_stopped() -> None:
    project = project_at(
        [
            fact("ConstructionStarted", "2024-02-01", phase_id="1"),
            fact("LandAwarded", "2024-02-01", phase_id="2"),
            fact("ProjectSuspended", "2024-03-01", scope="project"),
            fact("ProjectResumed", "2024-04-01", scope="1"),
        ],
        END,
        (),
    )

    assert project.phase_of("1") is Phase.CONSTRUCTION
    assert project.phase_of("2") is Phase.SUSPENDED


def test_ends_outweigh_everything() -> None:
    started = fact("ConstructionStarted", "2024-02-01")
    withdrawn = fact("ProjectWithdrawn", "2024-03-01")
    terminated = fact("ProjectTerminated", "2024-04-01")

    assert phase(started, withdrawn) is Phase.WITHDRAWN
    assert phase(started, withdrawn, terminated) is Phase.TERMINATED
    assert phase(started, fact("ProjectSuspended", "2024-05-01"), terminated) is Phase.TERMINATED


def test_a_closed_life_is_not_suspended() -> None:
    closed = [each for each, _ in LIFE]

    assert phase(*closed, fact("ProjectSuspended", "2025-01-01")) is Phase.CLOSED


def test_phases_stand_at_different_places() -> None:
    project = project_at(
        [
            fact("PhaseDefined", "2023-01-01", phase_id="1", ordinal=1),
            fact("PhaseDefined", "2024-01-01", phase_id="2", ordinal=2),
            fact("Commissioned", "2024-11-30"),
            fact("LandAwarded", "2024-12-01", phase_id="2"),
        ],
        END,
        (),
    )

    assert [project.phase_of(each.id) for each in project.phases] == [
        Phase.COMMISSIONING,
        Phase.LANDING,
    ]
    assert (project.phase, project.phase_least) == (Phase.COMMISSIONING, Phase.LANDING)


def test_a_fact_without_a_phase_is_about_the_phase_of_lowest_ordinal() -> None:
    project = project_at(
        [
            fact("PhaseDefined", "2024-01-01", phase_id="a", ordinal=2),
            fact("PhaseDefined", "2024-01-01", phase_id="b", ordinal=1),
            fact("ConstructionStarted", "2024-02-01"),
        ],
        END,
        (),
    )

    assert project.default_phase == "b"
    assert project.phase_of("b") is Phase.CONSTRUCTION
    assert project.phase_of("a") is Phase.LEAD


def test_a_mentioned_phase_exists_without_a_definition() -> None:
    mentioned = project_at([fact("LandAwarded", "2024-02-01", phase_id="x")], END, ())
    silent = project_at([planned("signed", "2024-06-30")], END, ())

    assert [each.id for each in mentioned.phases] == ["x"]
    assert [each.id for each in silent.phases] == ["1"]


@given(st.permutations([each for each, _ in LIFE] + [permit("construction_permit", "2022-04-20")]))
def test_the_order_of_arrival_does_not_matter(facts: list[Fact]) -> None:
    assert phase(*facts) is Phase.CLOSED


@given(st.sets(st.integers(0, len(LIFE) - 1), min_size=1), st.integers(0, len(LIFE) - 1))
def test_another_fact_of_progress_never_moves_a_life_back(some: set[int], more: int) -> None:
    before = phase(*(LIFE[i][0] for i in some))
    after = phase(*(LIFE[i][0] for i in some | {more}))

    assert RANK[after] >= RANK[before]
