"""Find in SQL the one policy under which a summary over many projects is counted."""

import json

from domain.policy_rules import SECTIONS
from projections.terms.policy_choice import chosen
from projections.terms.relation import Arguments
from projections.terms.seen import believed, quoted


def summary_policy(kind: str, arguments: Arguments, regions: str | None = None) -> str:
    """Select one row (policy, rules), of nulls where no policy of the kind holds.

    A summary is counted under a single policy, that of the smallest place which holds all the
    regions asked for, so that no figure mixes rules; without regions, that of the whole country.
    """
    place = "p.jurisdiction = ''"
    if regions is not None and arguments.given(regions):
        wanted = arguments.bind(regions, "text[]")
        place = (
            f"NOT EXISTS (SELECT 1 FROM unnest({wanted}) AS w (region)"
            " WHERE NOT starts_with(w.region, p.jurisdiction))"
        )
    return f"""SELECT c.policy, c.rules FROM (SELECT) one LEFT JOIN LATERAL (
        SELECT p.policy, p.rules FROM read.policies p
        WHERE p.policy_kind = '{kind}' AND {believed("p")} AND {place}
            AND p.effective_from <= $on AND (p.effective_to IS NULL OR p.effective_to >= $on)
        ORDER BY length(p.jurisdiction) DESC, p.effective_from DESC, p.policy DESC,
            p.order_key DESC LIMIT 1) c ON true"""


def listing_rules(arguments: Arguments, regions: str) -> str:
    """Select one row (policy, nested, stays, evidence) on how annual lists are counted.

    Without a policy the usual rules hold: projects of a higher list count on the lower ones too,
    a removed project leaves, and a start counts until an inspection denies it.
    """
    return f"""SELECT c.policy, coalesce((c.rules ->> 'levels_nested')::boolean, true) AS nested,
        coalesce(c.rules ->> 'removed' = 'stay', false) AS stays,
        coalesce(c.rules ->> 'start_evidence', 'inspected') AS evidence
        FROM ({summary_policy("listing", arguments, regions)}) c"""


def rules_or_defaults(kind: str, rules: str) -> str:
    """Give the rules of a policy, or what its kind says where no policy holds."""
    return f"coalesce({rules}, {quoted(json.dumps(SECTIONS[kind]().rules()))}::jsonb)"


def rules_of_districts(kind: str, source: str, day: str = "$on") -> str:
    """Select (district, policy, rules) of a kind on a day for every district of a source."""
    return f"""SELECT d.district, c.policy, {rules_or_defaults(kind, "c.rules")} AS rules
        FROM (SELECT DISTINCT s.district FROM {source} s) d
        LEFT JOIN LATERAL ({chosen(kind, "d.district", day, "p.policy, p.rules")}) c ON true"""
