"""Build the parts of an OC4IDS project from facts: dates, money, milestones, metrics, documents."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from domain.fact import Fact
from domain.flexdate import FlexDate, Precision
from domain.listing import Listing, listings
from domain.milestone_state import MilestoneState
from server.exports.glossary import permit_name
from server.exports.oc4ids.codes import MILESTONE_TYPES, PROCUREMENT_METHODS, TAGS
from server.exports.titles import in_chinese

Part = dict[str, Any]
Told = tuple[Fact, Part]
"""A part with the fact that first told of it."""


def present(part: Mapping[str, Any]) -> Part:
    """Leave out what is not known: the standard has no empty values."""
    return {name: value for name, value in part.items() if value not in (None, [], {}, "")}


def moment(on: FlexDate | date) -> str:
    """Write a day as the standard wants it: a Beijing midnight; of a coarse date the last day."""
    day = on.latest if isinstance(on, FlexDate) else on
    return f"{day.isoformat()}T00:00:00+08:00"


def coarseness(on: FlexDate, what: str) -> str | None:
    """Say how a coarse date was stated, which the standard's dates cannot."""
    return None if on.precision <= Precision.DAY else f"{what}: {on.text}"


def cny(yuan: int) -> Part:
    """Write whole yuan."""
    return {"amount": yuan, "currency": "CNY"}


def money(payload: Mapping[str, Any], field: str) -> Part | None:
    """Write an amount that a fact states."""
    stated = payload.get(field)
    return None if stated is None else cny(int(stated["yuan"]))


def milestone(state: MilestoneState, on: date) -> Part:
    """Write a node: when it is due, when it was met."""
    actual = None if state.actual is None else state.actual.on
    planned = state.planned
    notes = [
        None if planned is None else coarseness(planned, "due"),
        None if actual is None else coarseness(actual, "met"),
    ]
    is_late = planned is not None and planned.latest < on
    return present(
        {
            "id": f"{state.node}/{state.phase_id}",
            "title": in_chinese(state.node),
            "type": MILESTONE_TYPES.get(state.node),
            "code": state.node,
            "description": "; ".join(note for note in notes if note),
            "dueDate": None if planned is None else moment(planned),
            "dateMet": None if actual is None else moment(actual),
            "status": "met" if actual is not None else "notMet" if is_late else "scheduled",
        }
    )


def permits(facts: Iterable[Fact]) -> list[Told]:
    """Write each certificate as a milestone of approval that was met."""
    found: dict[str, Told] = {}
    for fact in facts:
        if fact.kind == "PermitIssued":
            payload = fact.payload
            key = f"permit/{payload['certificate_no']}"
            permit = {
                "id": key,
                "title": f"{permit_name(payload['permit_kind'])} {payload['certificate_no']}",
                "type": "approval",
                "code": payload["permit_kind"],
                "description": coarseness(fact.occurred_on, "met"),
                "dateMet": moment(fact.occurred_on),
                "status": "met",
            }
            first, _ = found.get(key, (fact, None))
            found[key] = (first, present(permit))
    return list(found.values())


def documents(facts: Iterable[Fact]) -> list[Part]:
    """Write each piece of evidence once, with the digest that tells whether it is the same."""
    found: dict[str, Part] = {}
    for fact in facts:
        for evidence in fact.evidence:
            uri = evidence.uri or ""
            page = None if evidence.page is None else str(evidence.page)
            found[evidence.id] = present(
                {
                    "id": evidence.id,
                    "title": evidence.title,
                    "description": f"SHA-256 {evidence.sha256}",
                    "url": uri if urlsplit(uri).scheme and urlsplit(uri).netloc else None,
                    "pageStart": page,
                }
            )
    return list(found.values())


_TITLES = {"statistical": "完成投资（统计口径）", "reported": "完成投资（上报口径）"}


def investment(facts: Iterable[Fact]) -> list[Told]:
    """Write what was invested since the beginning of each year, month by month and by basis."""
    found: dict[str, dict[str, Part]] = {}
    first: dict[str, Fact] = {}
    for fact in facts:
        if fact.kind == "InvestmentReported":
            basis, end = str(fact.payload["basis"]), fact.occurred_on.latest
            month = f"{end.year}-{end.month:02d}"
            first.setdefault(basis, fact)
            found.setdefault(basis, {})[month] = {
                "id": month,
                "period": {"startDate": moment(date(end.year, 1, 1)), "endDate": moment(end)},
                "value": cny(int(fact.payload["ytd"]["yuan"])),
            }
    return [
        (
            first[basis],
            {
                "id": f"financialProgress/{basis}",
                "title": _TITLES.get(basis, basis),
                "observations": list(months.values()),
            },
        )
        for basis, months in found.items()
    ]


def physical(facts: Iterable[Fact]) -> list[Told]:
    """Write the share of the works that was seen to be done."""
    seen = [
        fact
        for fact in facts
        if fact.kind == "PhysicalProgressReported" and fact.payload.get("percent") is not None
    ]
    observations = [
        {
            "id": fact.id,
            "period": {"endDate": moment(fact.occurred_on)},
            "measure": str(fact.payload["percent"]),
            "unit": {"name": "%"},
        }
        for fact in seen
    ]
    if not seen:
        return []
    title = {"id": "physicalProgress", "title": "形象进度"}
    return [(seen[0], {**title, "observations": observations})]


def grants(facts: Iterable[Fact], supplier: Part | None, linked: Mapping[str, Part]) -> list[Part]:
    """Write the grants of land as contracting processes: nothing else is contracted here.

    `linked` are the releases by the fact that each is about.
    """
    found: dict[str, Part] = {}
    last_parcel: str | None = None
    for fact in facts:
        if fact.kind not in TAGS:
            continue
        parcel = fact.payload.get("parcel_id") or last_parcel
        if parcel is None:
            # A contract about a plot that nothing names is no grant that could be told apart.
            continue
        last_parcel = parcel
        grant = found.setdefault(parcel, {"id": f"land/{parcel}", "summary": {}})
        grant["summary"] |= _grant(fact, parcel, supplier)
        if fact.id in linked:
            grant.setdefault("releases", []).append(linked[fact.id])
    return [present(grant) for grant in found.values()]


def _grant(fact: Fact, parcel: str, supplier: Part | None) -> Part:
    """Say what one fact adds to the grant of a plot."""
    said: Part = {"title": f"国有建设用地使用权出让 {parcel}"}
    if fact.kind == "LandOffered":
        return said | {"status": "pre-award"}
    if fact.kind == "LandAwarded":
        mode = str(fact.payload["mode"])
        return said | present(
            {
                "status": "active",
                "tender": present(
                    {
                        "procurementMethod": PROCUREMENT_METHODS.get(mode),
                        "procurementMethodDetails": mode,
                    }
                ),
                "suppliers": [supplier] if supplier else None,
                "contractValue": money(fact.payload, "price"),
            }
        )
    return said | {"status": "active", "externalReference": str(fact.payload["contract_no"])}


def listed(facts: Sequence[Fact], lists: Sequence[Fact]) -> list[Part]:
    """Write the annual plans of the lists as forecasts; a removed entry stays, with a note."""
    standing = {entry.list_id for entry in listings(facts, lists)}
    entries = {entry.list_id: entry for entry in listings(list(filter(_stays, facts)), lists)}
    told = [str(fact.payload["list_id"]) for fact in facts if fact.kind in _ENTERING]
    observations = [
        _entry(entries[list_id], is_removed=list_id not in standing)
        for list_id in dict.fromkeys(told)
        if list_id in entries
    ]
    if not observations:
        return []
    return [{"id": "financialProgress", "title": "年度计划投资", "observations": observations}]


_ENTERING = frozenset({"ProjectListed", "ListingAmended"})


def _stays(fact: Fact) -> bool:
    """Tell whether a fact does not remove an entry from its list."""
    return not (fact.kind == "ListingAmended" and fact.payload["act"] == "remove")


def _entry(entry: Listing, *, is_removed: bool) -> Part:
    """Write what one list plans for its year."""
    return present(
        {
            "id": entry.list_id,
            "period": {
                "startDate": moment(date(entry.year, 1, 1)),
                "endDate": moment(date(entry.year, 12, 31)),
            },
            "value": None if entry.annual_plan is None else cny(entry.annual_plan),
            "dimensions": present({"level": entry.level, "class": entry.entry_class}),
            "notes": "已调出清单 (removed from the list)" if is_removed else None,
        }
    )
