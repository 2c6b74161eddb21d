"""Judge whether a well-formed fact can be true, beside what is known of its project.

What cannot is not refused but kept for a person to look at. The rules are a policy: before one is
in force they hold nothing back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from domain.districts import is_known
from domain.errors import Refused
from domain.fact import Fact
from domain.flexdate import FlexDate

TOTALS: Final = {
    "ProjectRegistered": "intended_investment",
    "InvestmentApprovalObtained": "approved_investment",
    "ProjectSigned": "total_investment",
}
"""Which facts say what a project will cost, the surest last."""

HISTORY: Final = frozenset({*TOTALS, "InvestmentReported", "ConstructionStarted"})
"""The kinds of facts that others are held against."""

_AMOUNTS: Final = TOTALS | {"StatisticsEnrolled": "planned_total", "ProjectListed": "annual_plan"}
_AREAS: Final = frozenset(
    {
        "area_mu",
        "demand_land_mu",
        "intended_land_mu",
        "land_occupied_mu",
        "land_returned_mu",
        "planned_land_mu",
    }
)
_HALF: Final = 2
"""A slip is found from half its factor on, since what it is held against changes, too."""


class UnitSlip(Refused):
    """The amount of {value} yuan is {times} times off the {known} yuan known of the project.

    Such a factor is a unit taken for another one: 万元 for 元, or 亿元 for 万元.
    """

    code = "unit_slip"
    cure = (
        "Check the unit and send the right amount; if it is right, have it released with a reason."
    )


class YearToDateFalls(Refused):
    """The {value} yuan since January are less than the {known} yuan reported for {month}."""

    code = "ytd_falls"
    cure = "Send the amount since January, or correct the earlier report first."


class YearToDateOverTotal(Refused):
    """The {value} yuan of one year exceed {share} times the total investment of {known} yuan."""

    code = "ytd_over_total"
    cure = "Check the amount against the total investment, or revise the total first."


class AreaTooLarge(Refused):
    """No plot has {value} mu; {known} mu is the most that is taken unasked."""

    code = "area_implausible"
    cure = "Send the area in mu; 1 hectare is 15 mu and 2000 square metres are 3 mu."


class StartLongBeforeSigning(Refused):
    """The start on {start} lies more than {years} years before the signing on {signing}."""

    code = "start_long_before_signing"
    cure = "Check both dates; if they are right, have the fact released with a reason."


class UnknownDistrict(Refused):
    """No district is known as {value}."""

    code = "unknown_district"
    cure = "Send a code of GB/T 2260 or of a zone; a new zone can be released with a reason."


@dataclass(frozen=True, slots=True)
class Claim:
    """What a fact says that is yet to be judged; `record` names it among what is known."""

    kind: str
    payload: Mapping[str, Any]
    occurred_on: FlexDate
    record: str


@dataclass(slots=True)
class History:
    """What is known of one project, by the records that say so."""

    district: str | None = None
    totals: dict[str, tuple[str, int]] = field(default_factory=dict)
    ytd: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    signed: dict[str, FlexDate] = field(default_factory=dict)
    started: dict[str, FlexDate] = field(default_factory=dict)
    records: dict[str, str] = field(default_factory=dict)
    """The record of each fact, by the id of its first event."""

    def add(self, claim: Claim, event: str) -> None:
        """Take in one more thing that an event says of the project."""
        payload, record = claim.payload, claim.record
        self.records[event] = record
        if claim.kind == "ProjectRegistered":
            self.district = str(payload["district"])
        amount = payload.get(TOTALS.get(claim.kind, ""))
        if amount is not None:
            self.totals[record] = (claim.kind, int(amount["yuan"]))
        if claim.kind == "InvestmentReported":
            month = f"{claim.occurred_on.latest:%Y-%m}"
            self.ytd[record] = (str(payload["basis"]), month, int(payload["ytd"]["yuan"]))
        elif claim.kind == "ProjectSigned":
            self.signed[record] = claim.occurred_on
        elif claim.kind == "ConstructionStarted":
            self.started[record] = claim.occurred_on

    def forget(self, event: str) -> None:
        """Leave out what the record of an event says: it was taken back."""
        record = self.records.get(event, "")
        for known in (self.totals, self.ytd, self.signed, self.started):
            known.pop(record, None)

    def day_of(self, record: str) -> str | None:
        """Give the date of what a record says, where it is known."""
        known = self.signed.get(record) or self.started.get(record)
        if known is not None:
            return known.text
        return self.ytd[record][1] if record in self.ytd else None

    def total(self, but: str) -> int | None:
        """Give what the project will cost by the surest other record, if any says so."""
        known = {kind: yuan for record, (kind, yuan) in self.totals.items() if record != but}
        return next((known[kind] for kind in reversed(TOTALS) if kind in known), None)


def history_of(facts: Iterable[Fact]) -> History:
    """Give what effective facts of a project, in fold order, say."""
    history = History()
    for fact in facts:
        record = f"{fact.source.system}/{fact.source.record_id}"
        history.add(Claim(fact.kind, fact.payload, fact.occurred_on, record), fact.id)
    return history


def check(claim: Claim, history: History, rules: Mapping[str, Any]) -> None:
    """Hold a claim against what is known, under the rules of a plausibility policy.

    Raises UnitSlip, YearToDateFalls, YearToDateOverTotal, AreaTooLarge, StartLongBeforeSigning or
    UnknownDistrict, whichever is found first.
    """
    _check_areas(claim.payload, Decimal(rules["area_mu_max"]))
    _check_district(claim)
    _check_amount(claim, history, rules)
    if claim.kind == "InvestmentReported":
        _check_year_to_date(claim, history, rules)
    _check_start(claim, history, int(rules["start_before_signing_years_max"]))


def _check_areas(payload: Mapping[str, Any], most: Decimal, path: str = "payload") -> None:
    """Refuse an area beyond the largest that is taken unasked, wherever it stands."""
    for name, value in payload.items():
        if isinstance(value, Mapping):
            _check_areas(value, most, f"{path}.{name}")
        elif (name in _AREAS or path.rpartition(".")[2] in _AREAS) and Decimal(value) > most:
            raise AreaTooLarge(field=f"{path}.{name}", value=value, known=most)


def _check_district(claim: Claim) -> None:
    """Refuse a district that is none."""
    found = claim.payload.get("district")
    where = "payload.district"
    if claim.kind == "ProjectDetailsRevised":
        found = claim.payload["changes"].get("district", {}).get("new")
        where = "payload.changes.district.new"
    elif claim.kind != "ProjectRegistered":
        return
    if found is not None and not is_known(str(found)):
        raise UnknownDistrict(field=where, value=found)


def _check_amount(claim: Claim, history: History, rules: Mapping[str, Any]) -> None:
    """Refuse an amount that is a unit off what the project is known to cost."""
    name = _AMOUNTS.get(claim.kind)
    amount = claim.payload.get(name) if name else None
    known = history.total(claim.record)
    if amount is not None and known:
        # A year's plan may be any small part of the whole; a whole is not.
        small = claim.kind != "ProjectListed"
        _check_unit(f"payload.{name}.yuan", int(amount["yuan"]), known, rules, small=small)


def _check_year_to_date(claim: Claim, history: History, rules: Mapping[str, Any]) -> None:
    """Refuse what was invested since January if it cannot follow what was reported before."""
    where, ytd = "payload.ytd.yuan", int(claim.payload["ytd"]["yuan"])
    month = f"{claim.occurred_on.latest:%Y-%m}"
    before = sorted(
        (known_month, yuan)
        for record, (basis, known_month, yuan) in history.ytd.items()
        if record != claim.record
        and basis == claim.payload["basis"]
        and known_month < month
        and known_month[:4] == month[:4]
    )
    if before and before[-1][1]:
        _check_unit(where, ytd, before[-1][1], rules, small=True)
    total = history.total(claim.record)
    if total:
        _check_unit(where, ytd, total, rules, small=False)
        share = Decimal(rules["ytd_over_total_max"])
        if ytd > total * share:
            raise YearToDateOverTotal(field=where, value=ytd, share=share, known=total)
    largest = max(before, key=lambda known: known[1], default=None)
    if largest and ytd < largest[1] and not rules["ytd_may_fall"]:
        raise YearToDateFalls(field=where, value=ytd, known=largest[1], month=largest[0])


def _check_unit(
    where: str, yuan: int, known: int, rules: Mapping[str, Any], *, small: bool
) -> None:
    """Refuse an amount that is a whole unit above what is known, or with `small` below it."""
    factor = int(rules["unit_slip_factor"])
    if _HALF * yuan >= factor * known:
        raise UnitSlip(field=where, value=yuan, known=known, times=yuan // known)
    if small and 0 < factor * yuan <= _HALF * known:
        raise UnitSlip(field=where, value=yuan, known=known, times=known // yuan)


def _check_start(claim: Claim, history: History, years: int) -> None:
    """Refuse a start, or a signing, if the two lie years apart the wrong way round."""
    starts, signings = dict(history.started), dict(history.signed)
    if claim.kind == "ConstructionStarted":
        starts = {claim.record: claim.occurred_on}
        signings.pop(claim.record, None)
    elif claim.kind == "ProjectSigned":
        signings = {claim.record: claim.occurred_on}
    else:
        return
    for start in starts.values():
        for signing in signings.values():
            if start.latest < _years_before(signing.earliest, years):
                raise StartLongBeforeSigning(
                    field="occurred_on",
                    value=claim.occurred_on.text,
                    start=start.text,
                    signing=signing.text,
                    years=years,
                )


def _years_before(day: date, years: int) -> date:
    """Go so many years back; the leap day becomes the last of February."""
    year = max(day.year - years, 1)
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=year, day=28) if leap else day.replace(year=year)
