"""What formalities take (办事流程), version by version of their procedure."""

from projections.terms.relation import Arguments, Many, One, Page, Relation, Value
from projections.terms.seen import believed
from projections.terms.wording import wording

_FIGURES = ("steps", "materials", "workdays", "visits")


def _procedures(arguments: Arguments) -> str:
    """Select the versions in effect by the judged day, each with the one before it."""
    here = "true"
    if arguments.given("region"):
        here = (
            f"EXISTS (SELECT 1 FROM unnest({arguments.bind('region', 'text[]')}) AS w (region)"
            " WHERE starts_with(w.region, p.jurisdiction) OR starts_with(p.jurisdiction, w.region))"
        )
    now = ", ".join(f"(v.rules ->> '{name}')::numeric AS {name}" for name in _FIGURES)
    then = ", ".join(
        f"lag((v.rules ->> '{name}')::numeric) OVER w AS {name}_before" for name in _FIGURES
    )
    return f"""SELECT v.policy, v.policy_id, v.effective_from, v.rules ->> 'name' AS name,
            lag(v.policy) OVER w AS previous, {now}, {then}
        FROM (SELECT DISTINCT ON (p.policy) p.* FROM read.policies p
            WHERE p.policy_kind = 'procedure' AND p.rules IS NOT NULL AND {believed("p")}
                AND p.effective_from <= $on AND {here}
            ORDER BY p.policy, p.order_key DESC) v
        WINDOW w AS (PARTITION BY v.policy_id ORDER BY v.effective_from, v.policy)"""


def _policy(column: str) -> One:
    """Link to a version of the policy."""
    return One(
        "PolicyRef",
        lambda _: f"SELECT $parent.{column} AS policy WHERE $parent.{column} IS NOT NULL",
    )


PROCEDURE_VERSION = Relation(
    "ProcedureVersion",
    row={
        "policy": "text",
        "policy_id": "text",
        "effective_from": "date",
        "name": "text",
        "previous": "text",
        **dict.fromkeys(_FIGURES, "numeric"),
        **dict.fromkeys((f"{name}_before" for name in _FIGURES), "numeric"),
    },
    fields={
        "name": Value("$self.name", "text"),
        "policy": _policy("policy"),
        "previous": _policy("previous"),
        **{name: Value(f"$self.{name}", "int") for name in _FIGURES},
        **{
            f"{name}_change": wording(f"$parent.{name}_before", f"$parent.{name}", "$parent.policy")
            for name in _FIGURES
        },
    },
)

RELATIONS = (PROCEDURE_VERSION,)
ROOTS: dict[str, One | Many | Page] = {
    "procedures": Many("ProcedureVersion", _procedures, "$self.policy_id, $self.effective_from"),
}
