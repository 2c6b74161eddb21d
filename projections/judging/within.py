"""Say of every table which of its rows belong to regions: the one list that scopes rest on.

A row (alias `v`) is shown to whoever is limited to regions if its condition holds. What is about a
project lies where the project does; lists, targets, pools, policies and rounds lie where they are
for; what belongs to no region is shown to nobody who is limited. A new read model belongs here;
until it does, it cannot be asked about under a limit.
"""

import re
from dataclasses import dataclass
from typing import Final

from projections.judging.service_places import district_of
from projections.terms.regions import significant
from projections.terms.seen import believed, seen


@dataclass(frozen=True, slots=True)
class Shown:
    """Which rows of a table are shown, and which of their columns where that is not all."""

    condition: str
    columns: str = "v.*"


OPEN: Final = Shown("true")
"""A table that says nothing about anybody, or is only reached from rows that are shown."""


def lies(code: str) -> str:
    """Give the condition that a code lies within the regions."""
    return f"({code}) ^@ ANY ($regions)"


_PLACED: Final = (
    f"{seen('placed')} AND {lies('placed.district')} AND NOT EXISTS ("
    "SELECT FROM read.projects moved WHERE moved.project = placed.project"
    f" AND {seen('moved')} AND moved.order_key > placed.order_key)"
)
_PROJECT: Final = re.compile(r"@\{(.*?)\}@")


def project(name: str) -> str:
    """Give the condition that a project lies within the regions at the two clocks.

    It is written by `one_by_one` or by `all_at_once`.
    """
    return f"@{{{name}}}@"


def one_by_one(text: str) -> str:
    """Look each project up, which is fast where a question is about few of them."""
    return _PROJECT.sub(
        lambda match: (
            f"EXISTS (SELECT FROM read.projects placed WHERE placed.project = {match[1]}"
            f" AND {_PLACED})"
        ),
        text,
    )


def all_at_once(text: str) -> str:
    """Find all projects within reach first, which is fast where a question is about many.

    The planner would find that out as well, but it reckons with looking each of them up until the
    very end, and joins accordingly.
    """
    return _PROJECT.sub(
        lambda match: (
            f"({match[1]}) IN (SELECT placed.project FROM read.projects placed WHERE {_PLACED})"
        ),
        text,
    )


def _stream_of_project(stream: str) -> str:
    """Give the condition that a stream is that of a project within reach or of one it absorbed."""
    name = f'substr({stream}, 9) COLLATE "C"'
    return (
        f"({stream} ^@ 'project/' AND ({project(name)} OR EXISTS ("
        f"SELECT FROM read.identities merged WHERE merged.absorbed = {name}"
        f" AND merged.subject_kind = 'project' AND {believed('merged')}"
        f" AND {project('merged.project')})))"
    )


def _none(items: str, condition: str) -> str:
    """Give the condition that none of the `items`, a FROM list, is without a condition."""
    return f"NOT EXISTS (SELECT FROM {items} WHERE ({condition}) IS NOT TRUE)"


def _touches(code: str) -> str:
    """Give the condition that a place lies within the regions, or they in it."""
    short = significant(code)
    return (
        f"(coalesce({code}, '') = '' OR {lies(code)} OR EXISTS (SELECT FROM unnest($regions)"
        f" AS held (region) WHERE starts_with(held.region, {short})))"
    )


def _service(row: str) -> str:
    """Give the condition that service was given within the regions."""
    return lies(district_of(f"{row}.stream", f"{row}.district"))


def _request(row: str) -> str:
    """Give the condition that a step belongs to a request that was received within the regions."""
    return (
        f"EXISTS (SELECT FROM read.requests asked WHERE asked.stream = {row}.stream"
        f" AND asked.request_id = {row}.request_id AND asked.act = 'received'"
        f" AND {_service('asked')})"
    )


def _list(name: str) -> str:
    """Give the condition that a project within reach was ever on a list."""
    return (
        f"EXISTS (SELECT FROM read.listings entered WHERE entered.list_id = {name}"
        f" AND {project('entered.project')})"
    )


def _target(row: str) -> str:
    """Give the condition that a target is for nothing beyond the regions."""
    each = _none(f"unnest({row}.regions) AS aimed (region)", lies("aimed.region"))
    return f"({row}.regions <> '{{}}' AND {each})"


def _review(row: str) -> str:
    """Give the condition that a meeting spoke of nothing beyond the regions."""
    each = _none(f"unnest({row}.projects) AS spoken (project)", project("spoken.project"))
    there = f"({row}.district IS NOT NULL OR cardinality({row}.projects) > 0)"
    return f"({there} AND ({row}.district IS NULL OR {lies(f'{row}.district')}) AND {each})"


def _decision(row: str) -> str:
    """Give the condition that a decision is about projects within reach."""
    each = _none(f"unnest({row}.projects) AS meant (project)", project("meant.project"))
    issue = (
        f"EXISTS (SELECT FROM read.issues raised WHERE raised.issue_id = {row}.issue_id"
        f" AND {project('raised.project')})"
    )
    meeting = (
        f"EXISTS (SELECT FROM read.reviews held WHERE held.fact = {row}.fact AND {_review('held')})"
    )
    named = f"cardinality({row}.projects) > 0"
    return f"CASE WHEN {named} THEN {each} ELSE {issue} OR {meeting} END"


def _judged_within(policy: str) -> str:
    """Give the condition that a ranking is of places within the regions, as parks of a district."""
    return (
        f"EXISTS (SELECT FROM read.policies judging WHERE judging.policy = {policy}"
        f" AND {lies('judging.jurisdiction')})"
    )


def _publication(row: str) -> str:
    """Give the condition that a publication ranks nobody beyond the regions."""
    each = _none(f"jsonb_object_keys({row}.ranks) AS ranked (unit)", lies("ranked.unit"))
    return f"({_judged_within(f'{row}.policy')} OR ({row}.ranks <> '{{}}' AND {each}))"


def _banner(row: str) -> str:
    """Give the condition that a banner went to a place within the regions."""
    return (
        f"({lies(f'{row}.district')} OR EXISTS (SELECT FROM read.publications published"
        f" WHERE published.round_id = {row}.round_id AND {_judged_within('published.policy')}))"
    )


def _of_stream(row: str, table: str, condition: str) -> str:
    """Give the condition that the stream of an event has a row (alias `told`) within reach."""
    return (
        f"EXISTS (SELECT FROM read.{table} told WHERE told.stream = {row}.stream AND {condition})"
    )


def _of_fact(row: str, table: str, condition: str) -> str:
    """Give the condition that the fact that an event is or amends is within reach."""
    return (
        f"EXISTS (SELECT FROM read.{table} told"
        f" WHERE told.fact = coalesce({row}.corrects, {row}.id) AND {condition})"
    )


def event(row: str) -> str:
    """Give the condition that an event is within reach; what is about the ledger itself is not."""
    service = " OR ".join(
        (
            _of_fact(row, "requests", _request("told")),
            _of_fact(row, "visits", _service("told")),
            _of_fact(row, "stewards", _service("told")),
        )
    )
    return f"""CASE split_part({row}.stream, '/', 1)
        WHEN 'project' THEN {_stream_of_project(f"{row}.stream")}
        WHEN 'enterprise' THEN {service}
        WHEN 'policy' THEN {_of_stream(row, "policies", _touches("told.jurisdiction"))}
        WHEN 'list' THEN {_of_stream(row, "lists", _list("told.list_id"))}
        WHEN 'pool' THEN {_of_stream(row, "quota_movements", lies("told.region"))}
        WHEN 'target' THEN {_of_stream(row, "targets", _target("told"))}
        WHEN 'meeting' THEN {_of_stream(row, "reviews", _review("told"))}
        WHEN 'round' THEN {_of_fact(row, "banners", _banner("told"))}
            OR {_of_fact(row, "publications", _publication("told"))}
        ELSE false END"""


_MINE = "EXISTS (SELECT FROM ledger.batches sent WHERE sent.id = v.batch AND sent.actor = $actor)"

_SAID = "(convert_from(v.delivery, 'UTF8')::jsonb #>> '{payload,district}')"
_NAMED = (
    "EXISTS (SELECT FROM ledger.aliases named"
    " WHERE named.alias IN (v.subject, 'code:' || v.subject)"
    f" AND {_stream_of_project('named.stream')})"
)
QUARANTINED: Final = f"""(v.actor ->> 'id' = $actor OR CASE
    WHEN v.subject IS NULL OR v.kind = 'ProjectRegistered' THEN {lies(_SAID)}
    WHEN v.subject ^@ 'project/' THEN {_stream_of_project("v.subject")}
    ELSE {_NAMED} OR {_stream_of_project("('project/' || v.subject)")} END)"""
"""Whether a kept delivery is about a project within reach, or the caller's own."""

_OF_ONE: Final = Shown(project("v.project"))
_OF_SERVICE: Final = Shown(_service("v"))


_IDENTITY: Final = f"""CASE v.subject_kind WHEN 'project' THEN {project("v.project")}
    WHEN 'enterprise' THEN EXISTS (SELECT FROM read.projects named
        WHERE named.enterprise IN (v.keep, v.absorbed) AND {project("named.project")})
    ELSE EXISTS (SELECT FROM read.land lying
        WHERE lying.parcel IN (v.keep, v.absorbed) AND {project("lying.project")}) END"""
"""Whether an identity is that of a project within reach, or of an enterprise or parcel of one."""


def _reduced(scores: str) -> str:
    """Keep of an object by districts those within reach."""
    return (
        "coalesce((SELECT jsonb_object_agg(part.unit, part.told)"
        f" FROM jsonb_each(v.{scores}) AS part (unit, told)"
        f" WHERE {lies('part.unit')} OR {_judged_within('v.policy')}), '{{}}')"
        f" AS {scores}"
    )


_PUBLISHED = ", ".join(
    (
        *("v.fact", "v.position", "v.stream", "v.phase_id", "v.occurred_on", "v.day_from"),
        *("v.day_to", "v.order_key", "v.known_from", "v.known_to", "v.round_id", "v.policy"),
        *("v.as_known_at", _reduced("scores"), _reduced("ranks"), "v.published_on"),
    )
)
_ANY_UNIT = (
    f"({_judged_within('v.policy')} OR EXISTS ("
    f"SELECT FROM jsonb_object_keys(v.ranks) AS part (unit) WHERE {lies('part.unit')}))"
)

_OF_PROJECTS = (
    *("admissions", "agreements", "approvals", "assessment_scores", "capacities", "card_spans"),
    "codes",
    *("colour_overrides", "construction_starts", "enrolments", "evaluations", "finance_links"),
    "findings",
    *("invalidations", "investments", "issues", "land", "life_spans", "lifecycle", "listings"),
    "loans",
    *(
        "milestone_forecasts",
        "milestone_plans",
        "misquotes",
        "node_spans",
        "operating_results",
        "permits",
    ),
    *("phases", "premises", "progress_reports", "project_spans", "projects", "remedies"),
    *("requirements", "service_lists", "signings", "touched"),
)

TABLES: Final[dict[str, Shown]] = {
    **{f"read.{name}": _OF_ONE for name in _OF_PROJECTS},
    **{f"read.{name}": _OF_SERVICE for name in ("stewards", "visits")},
    "read.amendments": Shown(
        f"EXISTS (SELECT FROM ledger.events meant WHERE meant.id = v.target AND {event('meant')})"
    ),
    "read.arrivals": Shown(
        f"EXISTS (SELECT FROM ledger.events came WHERE came.id = v.fact AND {event('came')})"
    ),
    "read.banners": Shown(_banner("v")),
    "read.board_districts": Shown(lies("v.district")),
    "read.board_pages": Shown(lies("v.district")),
    "read.calendar": OPEN,
    "read.decisions": Shown(_decision("v")),
    "read.identities": Shown(_IDENTITY),
    "read.lists": Shown(_list("v.list_id")),
    "read.policies": Shown(_touches("v.jurisdiction")),
    "read.publications": Shown(_ANY_UNIT, _PUBLISHED),
    "read.quota_movements": Shown(lies("v.region")),
    "read.requests": Shown(_request("v")),
    "read.reviews": Shown(_review("v")),
    "read.settlements": OPEN,
    "read.targets": Shown(_target("v")),
    "ledger.aliases": Shown(_stream_of_project("v.stream")),
    "ledger.batches": Shown("v.actor = $actor"),
    "ledger.batch_parts": Shown(_MINE),
    "ledger.batch_rows": Shown(_MINE),
    "ledger.events": Shown(event("v")),
    "ledger.heads": OPEN,
    "ledger.mentions": Shown(_stream_of_project("v.stream")),
    # They are only found by the commitments in what is shown.
    "ledger.person_names": OPEN,
    "ledger.quarantine": Shown(QUARANTINED),
    "ledger.quarantine_decisions": OPEN,
}
"""Every table that questions are answered from, and what of it is within reach."""

GUARDS: Final[dict[str, str]] = {
    "Event": (
        f"EXISTS (SELECT FROM ledger.events v WHERE v.position = reached.position AND {event('v')})"
    ),
    "ImportBatch": (
        "EXISTS (SELECT FROM ledger.batches v WHERE v.id = reached.id AND v.actor = $actor)"
    ),
    "PolicyRef": (
        "EXISTS (SELECT FROM read.policies v WHERE v.policy = reached.policy"
        f" AND {_touches('v.jurisdiction')})"
    ),
    "Project": project("reached.id"),
    "QuarantineEntry": (
        "EXISTS (SELECT FROM ledger.quarantine v WHERE v.number = reached.number"
        f" AND {QUARANTINED})"
    ),
}
"""Of types with ids of their own: whether a row (alias `reached`) is within reach."""
