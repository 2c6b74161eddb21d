"""Name every rule that a deviation can be told of, so that a misspelt one is refused."""

from difflib import get_close_matches
from typing import Final

from domain.consistency import SOFT_RULES
from domain.contradictions import HELD_TWICE
from domain.errors import Malformed
from domain.order_rules import GATE, OFF_LIST, RULES
from domain.said_twice import CODE_SHARED
from projections.answers.account_deviations import LAPSED_RULE, POOL_RULE
from projections.answers.publication_deviations import LIST_RULE, ROUND_RULE
from projections.judging.facilities import FACILITY_RULE

RULE_NAMES: Final = frozenset(
    {
        *(rule.id for rule in RULES),
        *(rule.id for rule in (*SOFT_RULES, HELD_TWICE, CODE_SHARED)),
        *(GATE, OFF_LIST, POOL_RULE, LAPSED_RULE, LIST_RULE, ROUND_RULE, FACILITY_RULE),
    }
)


def rule_named(value: str) -> str:
    """Read the name of a rule. Raises Malformed `unknown_rule`."""
    if value in RULE_NAMES:
        return value
    names = sorted(RULE_NAMES)
    near = get_close_matches(value.upper(), names, n=3) or names[:3]
    raise Malformed(
        code="unknown_rule",
        value=value,
        cure=f"Name a rule, such as {', '.join(near)}; docs/mechanisms.md lists all of them.",
    )
