"""The rules that projects break: of order, of land service lists, of accounts."""

from domain.order_rules import EXEMPTIONS, OFF_LIST, Result
from projections.answers.account_deviations import (
    LAPSED_RULE,
    POOL_RULE,
    lapsed_pools,
    overdrawn_pools,
)
from projections.answers.project_filter import filtered_among, filtered_scope
from projections.answers.publication_deviations import published_twice
from projections.judging.findings import (
    IS_VIOLATED,
    TOGETHER,
    deviations_of,
    own_findings,
    shared_findings,
)
from projections.judging.order_cases import cases_of
from projections.judging.phase_states import one_project
from projections.judging.project_scope import numbered
from projections.judging.soft_rules import REPORT_FINDINGS
from projections.spans.lives import TOUCHED
from projections.spans.settled_findings import FINDING
from projections.terms.relation import Arguments, Many, One, Page, Relation, Value
from projections.terms.seen import believed_at, quoted

_OF_PROJECTS = (
    *("park", "phase", "colour", "level", "list_year", "class", "industry", "enterprise", "text"),
    *("total_investment_min_yi", "signed_from", "signed_to", "has_deviation"),
)
"""The parts of a filter that only projects pass; pools, lists and rounds are shown where none of
them is given, pools by their region."""

_EXCUSES = ", ".join(
    f"('{code}', {quoted(each.words.zh)}, {quoted(each.words.en)})"
    for code, each in EXEMPTIONS.items()
)


def _of_reports(rule: str = "true", result: str = f"= '{Result.VIOLATED}'") -> str:
    """Select what monthly reports of the scope of `deviations_of` say against each other."""
    return f"""SELECT r.* FROM ({REPORT_FINDINGS}) r WHERE {rule} AND r.result {result}"""


def project_deviations(_: Arguments) -> str:
    """Select the order rules that the parent project breaks, excused or not."""
    return f"{deviations_of(one_project('$parent.id'))} UNION ALL {_of_reports()}"


_LANGUAGE = "CASE $language WHEN 'zh' THEN 'zh' ELSE 'en' END"


def _settled(arguments: Arguments) -> str:
    """Select what was settled of projects that break a rule, and look anew at all others that may.

    Those are the ones that were touched since, or of which not everything is seen on the day yet.
    What is told of several projects is always looked for, where it is told of several at all.
    """
    settled = believed_at("f", "$settled")
    anew = numbered("SELECT f.project, f.district FROM found f JOIN anew a USING (project)")
    together = numbered("SELECT f.project, f.district FROM found f JOIN together t USING (project)")
    return f"""WITH anew AS MATERIALIZED ({TOUCHED} UNION SELECT l.project FROM read.life_spans l
            WHERE l.seen_by > $on AND {believed_at("l", "$settled")}),
        settled AS MATERIALIZED (SELECT f.* FROM read.findings f WHERE {settled}
            AND f.language = {_LANGUAGE} AND f.project NOT IN (SELECT a.project FROM anew a)),
        together AS MATERIALIZED ({TOGETHER}),
        found AS MATERIALIZED ({
        filtered_among(
            arguments,
            "SELECT a.project FROM anew a UNION SELECT s.project FROM settled s"
            " UNION SELECT t.project FROM together t",
        )
    })
        SELECT {", ".join(f"s.{name}" for name in FINDING)}
        FROM settled s JOIN found f ON f.project = s.project
        UNION ALL SELECT o.* FROM (WITH {cases_of(anew)} {own_findings()}) o
        WHERE (SELECT count(*) > 0 FROM anew)
        UNION ALL SELECT o.* FROM (WITH scope AS ({together}) {shared_findings()}) o
        WHERE (SELECT count(*) > 0 FROM together)"""


def _deviations(arguments: Arguments) -> str:
    """Select what rules say about many projects; without a wish only what breaks them.

    Monthly reports, of which there are most, are looked at where a rule is asked for by its name.
    """
    rule = "true"
    if arguments.given("rule"):
        rule = f"r.rule = {arguments.bind('rule', 'text')}"
    result = IS_VIOLATED
    if arguments.given("outcomes"):
        result = f"= ANY (lower({arguments.bind('outcomes', 'text[]')}::text)::text[])"
    if arguments.given("rule") or arguments.given("outcomes") or not arguments.may_read_spans():
        found = deviations_of(filtered_scope(arguments), rule, result)
    else:
        found = _settled(arguments)
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
        UNION ALL
        SELECT r.* FROM ({published_twice(arguments)}) r WHERE {rule} AND r.result {result}"""


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
