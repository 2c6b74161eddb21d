"""Find in SQL the one policy under which a summary over many projects is counted."""

import json

from domain.policy_rules import SECTIONS
from projections.terms.policy_choice import BEST_FIRST, in_force
from projections.terms.relation import Arguments
from projections.terms.seen import believed, quoted


def _instead(kind: str, arguments: Arguments, otherwise: str) -> str:
    """Give the condition that a policy `p` decides: the named one, where it is of the kind.

    Of a name that the ledger does not know there is no policy; one of another kind changes nothing.
    """
    if not arguments.given("policy"):
        return otherwise
    named = arguments.bind("policy", "text")
    of_another = f"""(SELECT k.policy_kind <> '{kind}' FROM read.policies k
        WHERE k.policy = {named} AND {believed("k")} LIMIT 1)"""
    return f"CASE WHEN {of_another} THEN {otherwise} ELSE p.policy = {named} END"


def summary_policy(kind: str, arguments: Arguments, regions: str | None = None) -> str:
    """Select one row (policy, rules), of nulls where no policy of the kind holds.

    A summary is counted under a single policy, that of the smallest place which holds all the
    regions asked for, so that no figure mixes rules; without regions, that of the whole country.
    Whoever names another policy of the kind has it counted under that one.
    """
    place = "p.jurisdiction = ''"
    if regions is not None and arguments.given(regions):
        wanted = arguments.bind(regions, "text[]")
        place = (
            f"NOT EXISTS (SELECT 1 FROM unnest({wanted}) AS w (region)"
            " WHERE NOT starts_with(w.region, p.jurisdiction))"
        )
    holding = f"({place} AND {in_force('$on')})"
    return f"""SELECT c.policy, c.rules FROM (SELECT) one LEFT JOIN LATERAL (
        SELECT p.policy, p.rules FROM read.policies p
        WHERE p.policy_kind = '{kind}' AND {believed("p")}
            AND {_instead(kind, arguments, holding)}
        ORDER BY {BEST_FIRST} LIMIT 1) c ON true"""


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


def rules_of_districts(kind: str, source: str, arguments: Arguments) -> str:
    """Select (district, policy, rules) of a kind for every district of a source.

    They are those of the judged day, or of the policy of the kind that is named.
    """
    holding = f"(starts_with(d.district, p.jurisdiction) AND {in_force('$on')})"
    return f"""SELECT d.district, c.policy, {rules_or_defaults(kind, "c.rules")} AS rules
        FROM (SELECT DISTINCT s.district FROM {source} s) d LEFT JOIN LATERAL (
            SELECT p.policy, p.rules FROM read.policies p
            WHERE p.policy_kind = '{kind}' AND {believed("p")}
                AND {_instead(kind, arguments, holding)}
            ORDER BY {BEST_FIRST} LIMIT 1) c ON true"""
