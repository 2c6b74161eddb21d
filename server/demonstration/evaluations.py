"""Invent projects in operation whose agreed indicators can be held against delivered ones.

Each was admitted, built and put into operation before 2024 and reports its results by year. The
evaluations are scored by the ledger's own rules under the policy of their day, so looking at them
under another policy can give another grade.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.attainment import Scored, score
from domain.policy import Policy
from domain.quantity import plain
from server.demonstration.book import Book, Payload
from server.demonstration.building import accept, build_by_steps, commission, enrol, start
from server.demonstration.days import later, next_working, working
from server.demonstration.invention import profile
from server.demonstration.money import YUAN, hundredths, tenths
from server.demonstration.started import pass_review
from server.demonstration.story import Story
from server.demonstration.terms import Terms, usual_terms

WEIGHTS = {
    "energy_per_output": "10",
    "investment_intensity": "30",
    "output_per_mu": "25",
    "tax_per_mu": "35",
}
UNITS = dict.fromkeys(WEIGHTS, "万元/亩") | {"energy_per_output": "tce/万元"}
LOWER = "energy_per_output"
AMENDED_BELOW = 80
"""Percent of the agreed intensity below which the agreement is amended after the evaluation."""
WANTING = Decimal(75)
"""Below so many points something has to be put right."""
ENERGY = Decimal("0.05")
"""Agreed tons of standard coal for 万元 of output."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What was delivered of what was agreed, in percent, and the energy used for it."""

    intensity: int
    tax: int
    output: int
    energy: int = 100


@dataclass(frozen=True, slots=True)
class Judged:
    """One evaluation: of which year, at which checkpoint, when and under which policy."""

    year: int
    checkpoint: str
    on: date
    policy: Policy
    delivered: Delivered


def operate(book: Book, district: str, awarded: date, judgements: Sequence[Judged]) -> None:
    """Tell a project from its lead to its evaluations."""
    random = book.random
    total = random.randint(18_000, 60_000)
    terms = usual_terms(random, total)
    invented = profile(book, district)
    story = Story(book, invented, total, date.max)
    pass_review(story, terms, awarded)
    agreement_id = agree(story, working(later(awarded, -12)), terms)
    permitted = next_working(later(awarded, 40))
    build_by_steps(story, awarded, permitted, terms.supply)
    started = next_working(permitted, 6)
    start(story, started)
    enrol(story, next_working(started, 6))
    accepted = next_working(later(started, 290))
    accept(story, accepted)
    commission(story, next_working(accepted, 12))
    _report_investment(story, accepted.year, terms, judgements[0].delivered)
    for judged in judgements:
        judge(story, terms, judged)
    if judgements[0].delivered.intensity < AMENDED_BELOW:
        amend(story, next_working(later(judgements[0].on, 60)), agreement_id, terms)


def agree(story: Story, on: date, terms: Terms) -> str:
    """Sign the performance agreement (投资发展监管协议); give its id."""
    serial = story.book.serial(f"performance {on.year}")
    agreement_id = f"JG-{story.profile.district}-{on.year}-{serial:03d}"
    story.tell(
        "PerformanceAgreementSigned",
        on,
        {
            "agreement_id": agreement_id,
            "indicators": {
                code: {
                    "target": value,
                    "unit": UNITS[code],
                    "direction": "lower" if code == LOWER else "higher",
                    "due": str(on.year + 3),
                    "weight": WEIGHTS[code],
                }
                for code, value in _agreed(terms).items()
            },
            "start_due": f"{later(on, 150):%Y-%m}",
            "completion_due": f"{later(on, 700):%Y-%m}",
            "capacity_due": str(on.year + 3),
            "breach_terms": "未达到约定指标的，按协议退还奖励并承担违约责任",
        },
        evidence="投资发展监管协议",
    )
    return agreement_id


def amend(story: Story, on: date, agreement_id: str, terms: Terms) -> None:
    """Lower the agreed intensity by a tenth (补充协议)."""
    old, new = terms.intensity, terms.intensity * 9 // 10
    change = {"old": {"target": hundredths(old)}, "new": {"target": hundredths(new)}}
    story.tell(
        "PerformanceAgreementAmended",
        on,
        {
            "agreement_id": agreement_id,
            "version": "2",
            "changes": {"investment_intensity": change},
            "approved_by": "（示例）产业用地项目评审工作领导小组",
        },
        reason="分期建设，经领导小组同意调整投资强度",
        evidence="投资发展监管补充协议",
    )


def _agreed(terms: Terms) -> dict[str, str]:
    """Give the agreed value of each indicator."""
    return {
        "energy_per_output": plain(ENERGY),
        "investment_intensity": hundredths(terms.intensity),
        "output_per_mu": hundredths(terms.output),
        "tax_per_mu": hundredths(terms.tax),
    }


def _report_investment(story: Story, year: int, terms: Terms, delivered: Delivered) -> None:
    """Report what was invested by the end of the year of completion, as the intensity says."""
    invested = _amount(terms.intensity * delivered.intensity // 100, terms.supply)
    story.tell(
        "InvestmentReported",
        date(year, 12, 31),
        {
            "basis": "statistical",
            "ytd": {"yuan": invested["yuan"] * 3 // 5},
            "cumulative": invested,
            "method": "financial",
        },
        text=f"{year}-12",
        told_on=date(year + 1, 1, story.book.random.randint(6, 25)),
    )


def judge(story: Story, terms: Terms, judged: Judged) -> None:
    """Report a year's results and evaluate them."""
    delivered = judged.delivered
    output, tax = terms.output * delivered.output // 100, terms.tax * delivered.tax // 100
    energy = ENERGY * delivered.energy / 100
    produced, paid = _amount(output, terms.supply), _amount(tax, terms.supply)
    _report_results(story, judged.year, terms.supply, (produced, paid, energy))
    if judged.checkpoint == "capacity":
        _reach_capacity(story, judged, produced, paid)
    actual = {
        "energy_per_output": plain(energy),
        "investment_intensity": hundredths(terms.intensity * delivered.intensity // 100),
        "output_per_mu": hundredths(output),
        "tax_per_mu": hundredths(tax),
    }
    promised = _promised(terms)
    measured = {code: {"value": value, "unit": UNITS[code]} for code, value in actual.items()}
    scored = score(promised, measured, judged.policy.rules)
    number = story.book.serial(f"evaluation {judged.on.year}")
    evaluation_id = f"HPJ-{story.profile.district}-{judged.on.year}-{number:03d}"
    story.tell(
        "PostEvaluationCompleted",
        judged.on,
        {
            "evaluation_id": evaluation_id,
            "checkpoint": judged.checkpoint,
            "policy": judged.policy.ref,
            "agreed": promised,
            "actual": measured,
            "scores": _points(scored),
            "total": plain(scored.total or Decimal(0)),
            "grade": scored.grade,
        },
        evidence="产业项目后评价报告",
    )
    if scored.total is not None and scored.total < WANTING:
        _remedy(story, evaluation_id, judged.on)


def _promised(terms: Terms) -> Payload:
    """Write what was agreed as an evaluation takes it."""
    return {
        code: {
            "value": value,
            "unit": UNITS[code],
            "direction": "lower" if code == LOWER else "higher",
            "weight": WEIGHTS[code],
        }
        for code, value in _agreed(terms).items()
    }


def _remedy(story: Story, evaluation_id: str, judged_on: date) -> None:
    """Require what is wanting (整改), and close the matter half a year later."""
    items = ["补足固定资产投资", "提高亩均税收"]
    required = next_working(judged_on, 8)
    due = later(required, 180)
    for act, on in (("required", required), ("closed", working(later(due, -9)))):
        data: Payload = {"evaluation_id": evaluation_id, "act": act, "items": items}
        if act == "required":
            data["due"] = due.isoformat()
        story.tell("RemedyTracked", on, data)


def _points(scored: Scored) -> Payload:
    """Write the points of each indicator."""
    return {
        indicator.code: {
            "points": plain(indicator.points_shown(6) or Decimal(0)),
            "weight": plain(indicator.weight),
        }
        for indicator in scored.indicators
    }


def _report_results(
    story: Story, year: int, land: int, results: tuple[Payload, Payload, Decimal]
) -> None:
    """Report a year's operation (经营数据): its output, its tax, its energy for 万元 of output."""
    produced, paid, energy = results
    story.tell(
        "OperatingResultReported",
        date(year, 12, 31),
        {
            "output": produced,
            "revenue": {"yuan": produced["yuan"] * 97 // 100},
            "tax": paid,
            "energy_tce": plain(energy * produced["yuan"] / YUAN),
            "emissions": {},
            "rd": {"yuan": produced["yuan"] * 3 // 100},
            "staff": story.book.random.randint(90, 420),
            "land_occupied_mu": tenths(land),
        },
        text=str(year),
        told_on=date(year + 1, 2, story.book.random.randint(5, 26)),
    )


def _reach_capacity(story: Story, judged: Judged, produced: Payload, paid: Payload) -> None:
    """Find that capacity was reached (达产达效) some weeks before it is evaluated."""
    story.tell(
        "CapacityReached",
        working(later(judged.on, -45)),
        {
            "capacity_pct": str(judged.delivered.output),
            "output_ttm": produced,
            "tax_ttm": paid,
            "criterion": "capacity/default@1",
        },
    )


def _amount(per_mu: int, land: int) -> Payload:
    """Multiply hundredths of 万元 a mu by tenths of a mu; the result is whole yuan."""
    return {"yuan": per_mu * land * YUAN // 1000}
