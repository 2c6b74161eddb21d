"""The rules that projects break: of order, of land service lists, of accounts."""

from domain.order_rules import (
    EXEMPTIONS,
    GATE,
    MESSAGES,
    OFF_LIST,
    OFF_LIST_MESSAGE,
    OFF_LIST_SEVERITY,
    Result,
)
from domain.words import Words
from projections.answers.account_deviations import (
    FACILITY_RULE,
    LAPSED_RULE,
    POOL_RULE,
    lapsed_pools,
    overdrawn_facilities,
    overdrawn_pools,
)
from projections.answers.project_filter import filtered_scope
from projections.answers.publication_deviations import PUBLISHED_TWICE
from projections.judging.order_cases import EXEMPTION, cases_of
from projections.judging.phase_gates import GATED_AWARDS
from projections.judging.phase_states import one_project
from projections.judging.soft_rules import REPORT_FINDINGS, SOFT_FINDINGS, SOFT_UNFOUNDED
from projections.terms.relation import Arguments, Many, One, Page, Relation, Value
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


_OF_PROJECTS = (
    *("park", "phase", "colour", "level", "list_year", "class", "industry", "enterprise", "text"),
    *("total_investment_min_yi", "signed_from", "signed_to", "has_deviation"),
)
"""The parts of a filter that only projects pass; pools, lists and rounds are shown where none of
them is given, pools by their region."""

_MESSAGE = "CASE j.result " + "".join(
    f"WHEN '{result}' THEN {_told(words)} " for result, words in MESSAGES.items()
)
_EXCUSES = ", ".join(
    f"('{code}', {quoted(each.words.zh)}, {quoted(each.words.en)})"
    for code, each in EXEMPTIONS.items()
)


def deviations_of(scope: str, rule: str = "true", result: str = f"= '{Result.VIOLATED}'") -> str:
    """Select the findings of a scope; `rule` narrows the rules `r`, `result` what they say.

    A requirement outside the list is always a violation, excused once it was dropped.
    """
    return f"""WITH {cases_of(scope, rule)}
        SELECT j.project, j.rule, j.severity, j.result, j.phase_id, {_MESSAGE} END AS message,
            {EXEMPTION} AS exemption,
            array_remove(ARRAY[j.earlier_position, j.later_position], NULL) AS positions
        FROM judged j WHERE j.result {result}
        UNION ALL
        SELECT q.* FROM ({GATED_AWARDS}) q JOIN (SELECT '{GATE}' AS rule) r ON {rule}
        WHERE '{Result.VIOLATED}' {result}
        UNION ALL
        SELECT r.* FROM ({SOFT_FINDINGS}) r WHERE {rule} AND r.result {result}
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


def _of_reports(rule: str = "true", result: str = f"= '{Result.VIOLATED}'") -> str:
    """Select what monthly reports of the scope of `deviations_of` say against each other."""
    return f"""SELECT r.* FROM ({REPORT_FINDINGS}) r WHERE {rule} AND r.result {result}"""


def project_deviations(_: Arguments) -> str:
    """Select the order rules that the parent project breaks, excused or not."""
    return f"{deviations_of(one_project('$parent.id'))} UNION ALL {_of_reports()}"


def _deviations(arguments: Arguments) -> str:
    """Select what rules say about many projects; without a wish only what breaks them.

    Monthly reports, of which there are most, are looked at where a rule is asked for by its name.
    """
    rule = "true"
    if arguments.given("rule"):
        rule = f"r.rule = {arguments.bind('rule', 'text')}"
    result = f"= '{Result.VIOLATED}'"
    if arguments.given("outcomes"):
        result = f"= ANY (lower({arguments.bind('outcomes', 'text[]')}::text)::text[])"
    found = deviations_of(filtered_scope(arguments), rule, result)
    if arguments.given("rule"):
        found = f"{found} UNION ALL {_of_reports(rule, result)}"
    if any(arguments.given(f"filter.{name}") for name in _OF_PROJECTS):
        return found
    return f"""{found} UNION ALL
        SELECT q.* FROM ({overdrawn_pools(arguments)}) q
        JOIN (SELECT '{POOL_RULE}' AS rule) r ON {rule} WHERE '{Result.VIOLATED}' {result}
        UNION ALL
        SELECT q.* FROM ({lapsed_pools(arguments)}) q
        JOIN (SELECT '{LAPSED_RULE}' AS rule) r ON {rule} WHERE '{Result.VIOLATED}' {result}
        UNION ALL SELECT r.* FROM ({PUBLISHED_TWICE}) r WHERE {rule} AND r.result {result}"""


DEVIATION = Relation(
    "Deviation",
    row={
        "project": "text",
        "rule": "text",
        "severity": "text",
        "result": "text",
        "phase_id": "text",
        "message": "text",
        "exemption": "text",
        "positions": "bigint[]",
    },
    fields={
        "rule": Value("$self.rule", "id"),
        "severity": Value("$self.severity", "code"),
        "outcome": Value("$self.result", "enum"),
        "message": Value("$self.message", "text"),
        "events": Many(
            "Event",
            lambda _: (
                "SELECT e.position, e.n FROM unnest($parent.positions)"
                " WITH ORDINALITY AS e (position, n)"
            ),
            "$self.n",
        ),
        "exemption": Value(
            "(SELECT CASE $language WHEN 'zh' THEN x.zh ELSE x.en END"
            f" FROM (VALUES {_EXCUSES}) AS x (code, zh, en) WHERE x.code = $self.exemption)",
            "text",
        ),
    },
)

ORDER = f"$self.project, $self.rule = '{OFF_LIST}', $self.rule, $self.phase_id, $self.positions"
RELATIONS = (DEVIATION,)
ROOTS: dict[str, One | Many | Page] = {"deviations": Many("Deviation", _deviations, ORDER)}
