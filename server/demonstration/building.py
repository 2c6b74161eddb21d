"""Tell how a project gets its land and permits, is built, enrolled and put into operation."""

from datetime import date

from server.demonstration.days import between, later, next_working
from server.demonstration.landing import contract, offer
from server.demonstration.money import in_wan, tenths
from server.demonstration.story import FIVE_PERMITS, Story

PRICE_WAN_PER_MU = 32
"""What industrial land costs in the demonstration."""
IN_FULL = 0.12
"""The share of awards whose offer, contract and land service list are told too."""


def award(story: Story, on: date, area: int, *, phase: str | None = None) -> str:
    """Award a parcel of so many tenths of a mu (摘牌); give the parcel's id."""
    serial = story.book.serial(f"parcel {on.year}")
    parcel = f"{story.profile.district}-{on.year}-G{serial:03d}"
    plot = {
        "parcel_id": parcel,
        "area_mu": tenths(area),
        "price": in_wan(area * PRICE_WAN_PER_MU // 10),
    }
    in_full = story.steady or story.book.random.random() < IN_FULL
    if in_full:
        offer(story, on, plot)
    story.tell(
        "LandAwarded",
        on,
        {**plot, "mode": "listing", **_of(phase)},
        evidence="国有建设用地使用权成交确认书",
    )
    if in_full:
        contract(story, on, plot)
    return parcel


def deliver(story: Story, on: date, parcel: str, *, phase: str | None = None) -> None:
    """Hand the parcel over (交地)."""
    story.tell("LandDelivered", on, {"parcel_id": parcel, **_of(phase)}, evidence="交地确认书")


def permit(
    story: Story, on: date, kind: str, *, stage: str | None = None, phase: str | None = None
) -> str:
    """Issue one certificate (核发证照); give its number."""
    serial = story.book.serial(f"certificate {on.year}")
    certificate = f"证{story.profile.district}{on.year}{serial:05d}"
    data = {
        "case_no": f"{story.profile.district}{on:%Y%m}{serial:05d}",
        "permit_kind": kind,
        "certificate_no": certificate,
        "tolerance": False,
        **_of(phase),
    }
    if kind == "construction_permit":
        data["stage"] = stage or "whole"
    story.tell("PermitIssued", on, data, evidence="证照扫描件")
    return certificate


def permits_one_by_one(story: Story, awarded: date, permitted: date) -> None:
    """Issue the five certificates on five days, the construction permit last."""
    days = sorted(
        story.book.random.sample(range(2, (permitted - awarded).days), len(FIVE_PERMITS) - 1)
    )
    for kind, after in zip(FIVE_PERMITS, days, strict=False):
        permit(story, later(awarded, after), kind)
    permit(story, permitted, "construction_permit")


def permits_at_once(story: Story, on: date) -> None:
    """Issue all five certificates on one day (五证齐发)."""
    for kind in FIVE_PERMITS:
        permit(story, on, kind)


def simulate(story: Story, on: date, awarded: date) -> None:
    """Review before the land is awarded (模拟审批), so that certificates can follow at once."""
    serial = story.book.serial("scheme")
    story.tell(
        "SimulatedApprovalOpened",
        on,
        {
            "scheme_id": f"MN-{story.profile.district}-{serial:03d}",
            "items": list(FIVE_PERMITS),
            "basis_doc": "拿地即开工推进指南",
            "valid_until": later(awarded, 180).isoformat(),
        },
        evidence="模拟审批申请表",
    )
    case = f"{story.profile.district}{on:%Y%m}M{serial:04d}"
    steps = sorted(between(story.book.random, later(on, 1), later(awarded, -1)) for _ in range(3))
    for number, (status, day) in enumerate(zip((3, 8, 11), steps, strict=True), start=1):
        story.tell(
            "PermitStatusReported",
            day,
            {
                "case_no": case,
                "permit_kind": "construction_permit",
                "department": FIVE_PERMITS["construction_permit"],
                "status": status,
                "simulated": True,
                "deadline_workdays": 7,
                "source_serial": f"{case}-{number}",
            },
        )


def start(
    story: Story,
    on: date,
    *,
    text: str | None = None,
    basis: str = "permit",
    phase: str | None = None,
    told_on: date | None = None,
    ceremony: str | None = None,
) -> None:
    """Start the works (开工), maybe together with others in a ceremony (集中开工)."""
    together = {} if ceremony is None else {"ceremony": ceremony}
    story.tell(
        "ConstructionStarted",
        on,
        {"basis": basis, "self_reported": False, **together, **_of(phase)},
        text=text,
        told_on=told_on,
        evidence="现场照片",
    )


def enrol(story: Story, on: date, *, phase: str | None = None) -> None:
    """Enter the project in the statistics (入库纳统)."""
    serial = story.book.serial("enrolment")
    story.tell(
        "StatisticsEnrolled",
        on,
        {
            "stat_id": f"{story.profile.district}-{on.year}-{serial:04d}",
            "planned_total": in_wan(story.total_wan),
            "start_evidence": "施工合同和现场照片",
            **_of(phase),
        },
        evidence="入库申报材料",
    )


def accept(story: Story, on: date, *, phase: str | None = None, text: str | None = None) -> None:
    """Accept the finished works (竣工验收)."""
    story.tell(
        "CompletionAccepted",
        on,
        {"scope": "whole", "conditions": [], **_of(phase)},
        text=text,
        evidence="联合验收意见书",
    )


def commission(
    story: Story, on: date, *, phase: str | None = None, text: str | None = None
) -> None:
    """Put the plant into operation (投产)."""
    data = {"verified": True, **_of(phase)}
    story.tell("Commissioned", on, data, text=text, evidence="投产确认单")


def build_at_once(story: Story, awarded: date, area: int, *, permitted: date | None = None) -> None:
    """Award, deliver and permit within one working day (拿地即开工)."""
    simulate(story, later(awarded, -story.book.random.randint(20, 28)), awarded)
    parcel = award(story, awarded, area)
    day = permitted or next_working(awarded)
    deliver(story, day, parcel)
    permits_at_once(story, day)


def build_by_steps(story: Story, awarded: date, permitted: date, *plots: int) -> None:
    """Award one plot or two, deliver and permit in the usual weeks."""
    for number, area in enumerate(plots):
        on = awarded if not number else next_working(awarded, 3)
        parcel = award(story, on, area)
        deliver(story, next_working(on, story.book.random.randint(3, 6)), parcel)
    permits_one_by_one(story, next_working(awarded, 3), permitted)


def _of(phase: str | None) -> dict[str, str]:
    """Name the phase, where a project has several."""
    return {} if phase is None else {"phase_id": phase}
