"""Find in SQL the policy that judges a district on a day, as `domain.policy.choose` defines it."""

from projections.terms.relation import Arguments, Many, One, Page, Relation, Value, ValueKind
from projections.terms.seen import believed

_NEXT = f"""n.policy_id = p.policy_id AND n.policy_kind = p.policy_kind
        AND n.jurisdiction = p.jurisdiction AND n.effective_from > p.effective_from
        AND {believed("n")}"""
"""The condition that `n` is a later version of `p`."""

BEST_FIRST = "length(p.jurisdiction) DESC, p.effective_from DESC, p.policy DESC, p.order_key DESC"


def in_force(day: str) -> str:
    """Give the condition that a policy `p` judges on a day, wherever.

    What a next version has taken over never comes back, not even once that has ended.
    """
    return f"""p.effective_from <= {day} AND (p.effective_to IS NULL OR p.effective_to >= {day})
        AND NOT EXISTS (SELECT FROM read.policies n WHERE {_NEXT} AND n.effective_from <= {day})"""


def chosen(kind: str, district: str, day: str, columns: str = "p.policy") -> str:
    """Select the policy of a kind that judges a district on a day: one row, or none.

    When it was adopted does not matter, only whether that was known: a policy may be adopted with
    effect from an earlier day.
    """
    return (
        f"SELECT {columns} FROM read.policies p WHERE p.policy_kind = '{kind}' AND {believed('p')}"
        f" AND starts_with({district}, p.jurisdiction) AND {in_force(day)}"
        f" ORDER BY {BEST_FIRST} LIMIT 1"
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
        f" AND {where} AND {in_force(day)}"
        f" ORDER BY {place}, p.effective_from DESC, p.policy DESC LIMIT 1"
    )


def _policies(arguments: Arguments) -> str:
    """Select every version that was adopted, of a kind, for a district or on a day if asked so."""
    wanted = [believed("p")]
    if arguments.given("kind"):
        wanted.append(f"p.policy_kind = {arguments.bind('kind', 'text')}")
    if arguments.given("region"):
        wanted.append(f"starts_with({arguments.bind('region', 'text')}, p.jurisdiction)")
    if arguments.given("on"):
        day = arguments.bind("on", "date")
        wanted.append(in_force(day))
    return f"""SELECT DISTINCT ON (p.policy) p.policy, p.policy_kind, p.jurisdiction,
            p.effective_from FROM read.policies p WHERE {" AND ".join(wanted)}
        ORDER BY p.policy, p.order_key DESC"""


def _gaps(arguments: Arguments) -> str:
    """Take the days that policies cover from the days asked about."""
    first, last = arguments.bind("from", "date"), arguments.bind("to", "date")
    asked = f"datemultirange(daterange({first}, greatest({last}, {first}) + 1))"
    covered = f"""SELECT range_agg(daterange(p.effective_from, {_IN_FORCE_TO} + 1))
        FROM read.policies p WHERE p.policy_kind = {arguments.bind("kind", "text")}
            AND p.rules IS NOT NULL AND {believed("p")}
            AND starts_with({arguments.bind("region", "text")}, p.jurisdiction)"""
    return f"""SELECT lower(g.span) AS first, upper(g.span) - 1 AS last
        FROM unnest({asked} - coalesce(({covered}), '{{}}'::datemultirange)) AS g (span)"""


_IN_FORCE_TO = f"""least(p.effective_to,
    (SELECT min(n.effective_from) - 1 FROM read.policies n WHERE {_NEXT}))"""
"""The last day on which a version judges: its own, or the one before the next version's first."""

_FIRST_ADOPTION = f"""FROM read.policies p WHERE p.policy = $self.policy AND {believed("p")}
    ORDER BY p.order_key LIMIT 1"""

POLICY_GAP = Relation(
    "PolicyGap",
    row={"first": "date", "last": "date"},
    fields={"from": Value("$self.first", "date"), "to": Value("$self.last", "date")},
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
        "jurisdiction": _column("coalesce(nullif(p.jurisdiction, ''), 'CN')", "id"),
        "in_force_to": _column(_IN_FORCE_TO, "date"),
        "adopted_on": Value(f"(SELECT p.occurred_on {_FIRST_ADOPTION})", "flexdate"),
        "retroactive": Value(f"(SELECT p.day_to > p.effective_from {_FIRST_ADOPTION})", "boolean"),
        "adoption": One(
            "Event",
            lambda _: f"SELECT p.position {_FIRST_ADOPTION}".replace("$self", "$parent"),
        ),
    },
)

RELATIONS = (POLICY_REF, POLICY_GAP)
ROOTS: dict[str, One | Many | Page] = {
    "policy": One("PolicyRef", _policy),
    "policies": Many(
        "PolicyRef",
        _policies,
        "$self.policy_kind, $self.jurisdiction, $self.effective_from, $self.policy",
    ),
    "policy_gaps": Many("PolicyGap", _gaps, "$self.first"),
}
