"""Find in SQL what projects break: rules of order, of what facts say, of lists and of credit.

A finding is (project, rule, severity, result, phase_id, message, exemption, positions).
"""

from domain.order_rules import (
    GATE,
    MESSAGES,
    OFF_LIST,
    OFF_LIST_MESSAGE,
    OFF_LIST_SEVERITY,
    Result,
)
from domain.words import Words
from projections.judging.facilities import FACILITY_RULE, overdrawn_facilities
from projections.judging.order_cases import EXEMPTION, cases_of
from projections.judging.parcel_holders import SHARED_PLOTS
from projections.judging.phase_gates import GATED_AWARDS
from projections.judging.said_twice import SHARED_CODES
from projections.judging.soft_rules import OWN_FINDINGS, SHARED_FINDINGS, SOFT_UNFOUNDED
from projections.terms.seen import quoted
from projections.views.requirements import ASKED_IN_SCOPE, last_asked

_PLACES = {
    "earlier": "CASE $language WHEN 'zh' THEN j.earlier_zh ELSE j.earlier_en END",
    "later": "CASE $language WHEN 'zh' THEN j.later_zh ELSE j.later_en END",
    "earlier_on": "coalesce(j.earlier_on, '')",
    "later_on": "j.later_on",
    "department": "q.department",
    "requirement": "q.requirement",
}


def _told(words: Words) -> str:
    """Fill the places of a text in the language of the question."""
    text = f"CASE $language WHEN 'zh' THEN {quoted(words.zh)} ELSE {quoted(words.en)} END"
    for place, value in _PLACES.items():
        if f"{{{place}}}" in words.zh:
            text = f"replace({text}, '{{{place}}}', {value})"
    return text


_MESSAGE = "CASE j.result " + "".join(
    f"WHEN '{result}' THEN {_told(words)} " for result, words in MESSAGES.items()
)


IS_VIOLATED = f"= '{Result.VIOLATED}'"


def deviations_of(scope: str, rule: str = "true", result: str = IS_VIOLATED) -> str:
    """Select the findings of a scope; `rule` narrows the rules `r`, `result` what they say.

    A requirement outside the list is always a violation, excused once it was dropped.
    """
    return f"""WITH {cases_of(scope, rule)}
        {own_findings(rule, result)}
        UNION ALL {shared_findings(rule, result)}"""


def shared_findings(rule: str = "true", result: str = IS_VIOLATED) -> str:
    """Select what a `scope` breaks by what is told of other projects too."""
    return f"SELECT r.* FROM ({SHARED_FINDINGS}) r WHERE {rule} AND r.result {result}"


TOGETHER = f"{SHARED_PLOTS} UNION {SHARED_CODES}"
"""Selects the projects of which `shared_findings` may select something."""


def own_findings(rule: str = "true", result: str = IS_VIOLATED) -> str:
    """Select what a `scope` breaks by the facts of each project alone, beside `cases_of` it."""
    return f"""SELECT j.project, j.rule, j.severity, j.result, j.phase_id,
            {_MESSAGE} END AS message, {EXEMPTION} AS exemption,
            array_remove(ARRAY[j.earlier_position, j.later_position], NULL) AS positions
        FROM judged j WHERE j.result {result}
        UNION ALL
        SELECT q.* FROM ({GATED_AWARDS}) q JOIN (SELECT '{GATE}' AS rule) r ON {rule}
        WHERE '{Result.VIOLATED}' {result}
        UNION ALL
        SELECT r.* FROM ({OWN_FINDINGS}) r WHERE {rule} AND r.result {result}
        UNION ALL
        SELECT r.* FROM ({SOFT_UNFOUNDED}) r WHERE {rule} AND r.result {result}
        UNION ALL
        SELECT q.* FROM ({off_list(ASKED_IN_SCOPE)}) q
        JOIN (SELECT '{OFF_LIST}' AS rule) r ON {rule}
        WHERE '{Result.VIOLATED}' {result}
        UNION ALL
        SELECT q.* FROM ({overdrawn_facilities()}) q
        JOIN (SELECT '{FACILITY_RULE}' AS rule) r ON {rule}
        WHERE '{Result.VIOLATED}' {result}"""


def off_list(source: str) -> str:
    """Judge the requirements that a source selects, each as it stands last."""
    return f"""SELECT q.project, '{OFF_LIST}' AS rule, '{OFF_LIST_SEVERITY}' AS severity,
            '{Result.VIOLATED}' AS result, NULL::text AS phase_id,
            {_told(OFF_LIST_MESSAGE)} AS message,
            CASE q.status WHEN 'dropped' THEN 'dropped' END AS exemption,
            ARRAY[q.position] AS positions
        FROM ({last_asked(source)}) q"""
