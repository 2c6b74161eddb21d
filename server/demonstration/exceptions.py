"""Tell the projects outside the published figures: broken rules and odd fates.

All are invented but the vertical factory. Each breaks one rule of order, or has a reason not to
keep it, so that a list of deviations shows both. None signed, got land or went into operation in
2024, and none stays on a list of that year.
"""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from server.demonstration.book import Book
from server.demonstration.building import (
    award,
    build_by_steps,
    deliver,
    enrol,
    permit,
    permits_one_by_one,
    start,
)
from server.demonstration.days import later, next_working
from server.demonstration.invention import profile
from server.demonstration.landing import issue_list
from server.demonstration.listings import Entry, MajorList, enter, remove
from server.demonstration.money import in_wan, tenths
from server.demonstration.named_projects import vertical_factory
from server.demonstration.started import pass_review, promise
from server.demonstration.story import Story

AWARDED = date(2023, 5, 16)
AREA = 420


def outside_the_lists(book: Book, municipal: MajorList) -> None:
    """Tell all of them."""
    vertical_factory(book)
    for tell in CASES:
        tell(admitted_before(book))
    split_in_two(book)
    for reason in ("market", "financing"):
        withdraw(admitted_before(book), municipal, reason)


def admitted_before(book: Book) -> Story:
    """Give an invented project that was admitted before its land in May 2023."""
    story, terms = promise(book, book.random.randint(12_000, 40_000))
    pass_review(story, terms, AWARDED)
    return story


def start_before_permit(story: Story) -> None:
    """Start eleven days before the construction permit: a violation."""
    build_by_steps(story, AWARDED, date(2023, 7, 12), AREA)
    start(story, date(2023, 7, 3))
    enrol(story, date(2023, 7, 20))


def start_under_staged_permit(story: Story) -> None:
    """Start with the piling while the permit for the whole is still to come: exempt."""
    parcel = award(story, AWARDED, AREA)
    deliver(story, date(2023, 5, 24), parcel)
    start(story, date(2023, 6, 1), basis="staged-permit")
    permits_one_by_one(story, date(2023, 5, 22), date(2023, 6, 12))
    enrol(story, date(2023, 6, 20))


def certificate_before_land(story: Story) -> None:
    """Issue the planning permit before the award, which only a review may precede: a deviation."""
    permit(story, date(2023, 5, 8), "land_use_planning_permit")
    parcel = award(story, AWARDED, AREA)
    deliver(story, date(2023, 5, 25), parcel)
    permit(story, date(2023, 6, 20), "construction_permit")
    start(story, date(2023, 6, 28))
    enrol(story, date(2023, 7, 6))


def build_on_own_land(story: Story) -> None:
    """Build beside the own plant, without a new plot: certificates without an award are exempt."""
    story.tell(
        "PremisesSecured",
        date(2023, 5, 18),
        {"kind": "owned-plant", "floor_area_m2": "18600", "land_occupied_mu": "28.4"},
    )
    permit(story, date(2023, 6, 9), "land_use_planning_permit")
    permit(story, date(2023, 7, 4), "construction_permit")
    start(story, date(2023, 7, 11))
    enrol(story, date(2023, 7, 18))


def ask_outside_the_list(story: Story) -> None:
    """Meet one requirement outside the land service list that stays, and one taken back."""
    renamed = {"old": story.profile.title, "new": f"{story.profile.title}（一期）"}
    story.tell("ProjectDetailsRevised", date(2024, 3, 12), {"changes": {"title": renamed}})
    build_by_steps(story, AWARDED, date(2023, 7, 14), AREA)
    ask(
        story,
        date(2023, 6, 8),
        "水务局",
        "补充编制防洪影响评价",
        status="upheld",
        decided=date(2023, 6, 20),
    )
    ask(
        story,
        date(2023, 6, 13),
        "气象局",
        "补做雷电灾害风险评估",
        status="dropped",
        decided=date(2023, 6, 19),
    )
    start(story, date(2023, 7, 24))
    enrol(story, date(2023, 8, 2))


def stop_and_go_on(story: Story) -> None:
    """Stop over the turn of a year and go on."""
    build_by_steps(story, AWARDED, date(2023, 7, 18), AREA)
    start(story, date(2023, 8, 1))
    enrol(story, date(2023, 8, 9))
    story.tell(
        "ProjectSuspended",
        date(2023, 11, 20),
        {"scope": "project", "reason_code": "funding", "expected_resume": "2024-Q2"},
    )
    certificate = permit(story, date(2023, 7, 20), "drainage_permit")
    story.tell(
        "PermitLapsedOrRevoked",
        date(2024, 1, 22),
        {"certificate_no": certificate, "act": "lapsed", "ground": "停工期间有效期届满"},
    )
    permit(story, date(2024, 4, 1), "drainage_permit")
    story.tell("ProjectResumed", date(2024, 4, 8), {"scope": "project"})


def end_with_idle_land(story: Story) -> None:
    """Seem to start, as an inspection finds, and lose the land that lies idle."""
    parcel = award(story, AWARDED, AREA)
    deliver(story, date(2023, 5, 25), parcel)
    story.plan(date(2023, 5, 25), "construction_started", "2023-12-31")
    false_start(story, date(2023, 12, 20), found=date(2024, 1, 16))
    for act, on in (("idle-declared", date(2024, 7, 8)), ("resumed", date(2024, 11, 18))):
        idle = {"act": act, "legal_basis": "闲置土地处置办法", "area_mu": tenths(AREA)}
        story.tell("LandResumedOrIdle", on, {"parcel_id": parcel, **idle})
    story.tell(
        "ProjectTerminated",
        date(2024, 11, 18),
        {
            "ground": "idle-land",
            "recovery": ["land", "bond"],
            "decision_no": "示例政发〔2024〕88号",
        },
    )


def false_start(story: Story, on: date, *, found: date) -> None:
    """Report a start that an inspection finds false; the start is taken back."""
    started = story.tell(
        "ConstructionStarted",
        on,
        {"basis": "filing", "self_reported": True},
        told_on=later(on, 5),
        steady=True,
    )
    story.tell("StartVerified", found, {"verdict": "false-start"}, evidence="开工核查记录")
    story.book.retract(
        started, told_on=later(found, 3), reason="现场核查未实质性开工，撤销开工记录"
    )


def start_as_two_sources_disagree(story: Story) -> None:
    """Start by the enterprise's word, which an inspection does not find yet; both are kept."""
    build_by_steps(story, AWARDED, date(2023, 7, 19), AREA)
    start(story, date(2023, 8, 7))
    story.tell("StartVerified", date(2023, 8, 15), {"verdict": "not-started"})
    story.tell("StartVerified", date(2023, 9, 12), {"verdict": "confirmed"})


def start_without_enrolment(story: Story) -> None:
    """Start, and stay out of the statistics."""
    build_by_steps(story, AWARDED, date(2023, 7, 25), AREA)
    start(story, date(2023, 8, 14))


def get_another_code(story: Story) -> None:
    """Get a second code in place of the first, and be registered twice; all name one project."""
    story.assign_code(date(2023, 5, 10))
    build_by_steps(story, AWARDED, date(2023, 7, 20), AREA)
    start(story, date(2023, 8, 8))
    twin = Story(story.book, story.profile, story.total_wan, date(2023, 8, 10), steady=True)
    twin.open()
    enrol(twin, date(2023, 8, 16))
    records = [f"source:investment-promotion/{each.subject}" for each in (story, twin)]
    linked = {"keep": records[0], "absorb": records[1:], "basis": "同一企业同一地块，重复登记"}
    story.tell(
        "IdentitiesLinked",
        date(2023, 10, 12),
        {"kind": "project", **linked, "confidence": "high"},
        steady=True,
    )
    story.book.absorbed += 1


CASES: tuple[Callable[[Story], None], ...] = (
    start_before_permit,
    start_under_staged_permit,
    certificate_before_land,
    build_on_own_land,
    ask_outside_the_list,
    stop_and_go_on,
    end_with_idle_land,
    get_another_code,
    start_as_two_sources_disagree,
    start_without_enrolment,
)
NOT_ENROLLED = 2
"""They start in 2023 and are not enrolled by the end of 2024."""


def split_in_two(book: Book) -> None:
    """Split a project under construction (拆分); what was invested is shared out."""
    story, terms = promise(book, 40_000, stream=_stream(book))
    pass_review(story, terms, AWARDED)
    build_by_steps(story, AWARDED, date(2023, 7, 21), AREA)
    start(story, date(2023, 8, 21))
    enrol(story, date(2023, 8, 30))
    split_on = date(2024, 5, 20)
    other = Story(book, profile(book, book.region), 15_000, split_on, stream=_stream(book))
    other.open()
    streams = [stream or "" for stream in (story.stream, other.stream)]
    story.tell(
        "ProjectSplitOrMerged",
        split_on,
        {
            "operation": "split",
            "from": streams[:1],
            "to": streams,
            "allocation": dict(zip(streams, (in_wan(25_000), in_wan(15_000)), strict=True)),
        },
        told_on=later(split_on, 6),
        steady=True,
    )


def _stream(book: Book) -> str:
    """Choose the stream of a project."""
    return f"project/{UUID(int=book.random.getrandbits(128), version=4)}"


def withdraw(story: Story, municipal: MajorList, reason: str) -> None:
    """Stand on the list as a planned start, withdraw, and leave the list."""
    enter(story, municipal, Entry(kind="new", plan=5_000, decided_on=municipal.published_on))
    withdrawn = next_working(later(municipal.published_on, 150))
    story.tell("ProjectWithdrawn", withdrawn, {"reason_code": reason})
    remove(story, municipal, next_working(withdrawn, 10))


def ask(story: Story, on: date, department: str, what: str, *, status: str, decided: date) -> None:
    """Ask for something outside the land service list (清单外要求)."""
    list_id = story.service_list or issue_list(story, later(on, -10), "YD")
    story.tell(
        "OffListRequirementRaised",
        on,
        {
            "list_id": list_id,
            "department": department,
            "requirement": what,
            "status": status,
            "decided_on": decided.isoformat(),
        },
    )
