"""Find in SQL the policy that judges a district on a day, as `domain.policy.choose` defines it."""

from projections.relation import Arguments, Many, One, Page, Relation, Value, ValueKind
from projections.seen import believed

_BEST_FIRST = "length(p.jurisdiction) DESC, p.effective_from DESC, p.policy DESC, p.order_key DESC"


def chosen(kind: str, district: str, day: str, columns: str = "p.policy") -> str:
    """Select the policy of a kind that judges a district on a day: one row, or none.

    When it was adopted does not matter, only whether that was known: a policy may be adopted with
    effect from an earlier day.
    """
    return (
        f"SELECT {columns} FROM read.policies p WHERE p.policy_kind = '{kind}' AND {believed('p')}"
        f" AND starts_with({district}, p.jurisdiction) AND p.effective_from <= {day}"
        f" AND (p.effective_to IS NULL OR p.effective_to >= {day}) ORDER BY {_BEST_FIRST} LIMIT 1"
    )


def _column(expression: str, kind: ValueKind) -> Value:
    """Read a value of the policy from its last adoption."""
    return Value(
        f"(SELECT {expression} FROM read.policies p WHERE p.policy = $self.policy"
        f" AND {believed('p')} ORDER BY p.order_key DESC LIMIT 1)",
        kind,
    )


def _policy(arguments: Arguments) -> str:
    """Find the policy of a kind in force on a day: of a region, or else of the widest place."""
    kind, day = arguments.bind("kind", "text"), arguments.bind("on", "date")
    where, place = "p.jurisdiction IS NOT NULL", "length(p.jurisdiction)"
    if arguments.given("region"):
        where = f"starts_with({arguments.bind('region', 'text')}, p.jurisdiction)"
        place = "length(p.jurisdiction) DESC"
    return (
        f"SELECT p.policy FROM read.policies p WHERE p.policy_kind = {kind} AND {believed('p')}"
        f" AND {where} AND p.effective_from <= {day}"
        f" AND (p.effective_to IS NULL OR p.effective_to >= {day})"
        f" ORDER BY {place}, p.effective_from DESC, p.policy DESC LIMIT 1"
    )


POLICY_REF = Relation(
    "PolicyRef",
    row={"policy": "text"},
    fields={
        "id": Value("$self.policy", "id"),
        "kind": _column("p.policy_kind", "text"),
        "version": _column("p.version_label", "text"),
        "sha256": _column("p.sha256", "text"),
        "effective_from": _column("p.effective_from", "date"),
        "effective_to": _column("p.effective_to", "date"),
        "body": _column("p.body", "text"),
    },
)

RELATIONS = (POLICY_REF,)
ROOTS: dict[str, One | Many | Page] = {"policy": One("PolicyRef", _policy)}
