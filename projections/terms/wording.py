"""A value before and after, in every way that people call "n times", as `domain.ratio.Change`.

"Raised 4 times" and "raised to 5 times" look alike and differ by one, so `ratio` and `increase` are
never shown alone.
"""

from projections.terms.quantities import half_up, ratio
from projections.terms.relation import Arguments, One, Relation, Value

ROW = {"before": "numeric", "after": "numeric", "in_percent": "boolean", "policy": "text"}


def wording(before: str, after: str, policy: str = "NULL::text") -> One:
    """Link to the wording of two columns of the parent row, null where one is."""
    return One("RatioWording", lambda _: selected(before, after, policy))


def selected(before: str, after: str, policy: str = "NULL::text", in_percent: str = "false") -> str:
    """Select the row of a wording, none where a side is not known."""
    return (
        f"SELECT {before}::numeric AS before, {after}::numeric AS after,"
        f" {in_percent} AS in_percent, {policy} AS policy"
        f" WHERE {before} IS NOT NULL AND {after} IS NOT NULL"
    )


def _change(arguments: Arguments) -> str:
    """Word two numbers that are given."""
    percent = arguments.given("in_percent") and arguments.choice("in_percent")
    return selected(
        arguments.bind("from", "numeric"),
        arguments.bind("to", "numeric"),
        in_percent="true" if percent else "false",
    )


RATIO_WORDING = Relation(
    "RatioWording",
    row=ROW,
    fields={
        "from": Value("trim_scale($self.before)", "decimal"),
        "to": Value("trim_scale($self.after)", "decimal"),
        "ratio": Value(f"trim_scale({half_up('$self.after', '$self.before', '2')})", "decimal"),
        "increase": Value(
            f"trim_scale({half_up('($self.after - $self.before)', '$self.before', '2')})",
            "decimal",
        ),
        "pp": Value(
            "CASE WHEN $self.in_percent THEN trim_scale($self.after - $self.before) END", "decimal"
        ),
        "cut": ratio("($parent.before - $parent.after)", "$parent.before", "$parent.policy"),
    },
)

RELATIONS = (RATIO_WORDING,)
ROOTS: dict[str, One] = {"wording": One("RatioWording", _change)}
