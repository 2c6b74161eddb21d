"""What a colour policy may say: windows a node, the aggregate of a project, the pace of its money.

The plain form, which read models store, is::

    {"baseline": "current", "aggregate": "worst-open", "count_days": "calendar",
     "late_done": "green", "suspended": "grey", "no_plan": "grey",
     "month_precision_due": "period-end",
     "weighted": {"yellow_at": "0.5", "red_at": "1.5"},
     "node": {"*": {"warning_days": 30, "grace_days": 0, "grace_months": 0,
                    "due": "planned", "weight": "1"},
              "construction_permit": {"warning_days": 10, ...all keys...}},
     "pace": {"enabled": false, "unit": "pp", "basis": "reported",
              "yellow": {"comparator": "ge", "threshold": "10"},
              "red": {"comparator": "gt", "threshold": "30"}}}

`node` always has "*"; every other entry is complete: what it leaves out it takes from "*". A node's
windows are `node[name]` when present, otherwise `node["*"]`.
"""

from collections import Counter
from decimal import Decimal
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from domain.policy_section import Exact, NodeMatch, Section, Table, plain

COMPARATORS = {"at": "ge", "above": "gt", "below": "lt"}


class NodeWindows(Table):
    """When one node turns yellow and red."""

    match: NodeMatch
    warning_days: int = Field(default=30, ge=-366, le=366)
    grace_days: int = Field(default=0, ge=0, le=366)
    grace_months: int = Field(default=0, ge=0, le=24)
    due: Literal["planned", "month-end"] = "planned"
    weight: Exact = Field(default=Decimal(1), gt=0)

    def windows(self, fallback: dict[str, Any]) -> dict[str, Any]:
        """Give every key but the name; what the file leaves out comes from the fallback."""
        mine = self.model_dump(mode="json", exclude={"match"})
        given = {key: value for key, value in mine.items() if key in self.model_fields_set}
        return {**mine, **fallback, **given}


class Weighted(Table):
    """Where the weighted mean of red 2, yellow 1, green 0 changes the project's colour."""

    yellow_at: Exact = Decimal("0.5")
    red_at: Exact = Decimal("1.5")


class Pace(Table):
    """How far investment may lie behind time before it shows.

    `unit` says what is measured: `pp` = percentage points behind the even plan; `shortfall` =
    percent of the plan to date that is missing; `ratio` = percent of the plan to date that is done.
    Each colour is given by one of three keys: `_at` (from there on), `_above`, `_below`.
    """

    enabled: bool = False
    unit: Literal["pp", "shortfall", "ratio"] = "pp"
    basis: Literal["reported", "statistical"] = "reported"
    yellow_at: Exact | None = None
    yellow_above: Exact | None = None
    yellow_below: Exact | None = None
    red_at: Exact | None = None
    red_above: Exact | None = None
    red_below: Exact | None = None

    @model_validator(mode="after")
    def _one_threshold_a_colour(self) -> Self:
        for colour in ("yellow", "red"):
            given = self._given(colour)
            if len(given) > 1 or (self.enabled and not given):
                message = f"give exactly one of {colour}_at, {colour}_above, {colour}_below"
                raise ValueError(message)
        return self

    def rules(self) -> dict[str, Any]:
        """Give each colour as comparator (ge, gt, lt) and threshold."""
        return {
            "enabled": self.enabled,
            "unit": self.unit,
            "basis": self.basis,
            "yellow": self._threshold("yellow", ("ge", "10")),
            "red": self._threshold("red", ("gt", "30")),
        }

    def _threshold(self, colour: str, default: tuple[str, str]) -> dict[str, str]:
        comparator, threshold = next(iter(self._given(colour)), default)
        return {"comparator": comparator, "threshold": threshold}

    def _given(self, colour: str) -> list[tuple[str, str]]:
        values = ((word, getattr(self, f"{colour}_{key}")) for key, word in COMPARATORS.items())
        return [(word, plain(value)) for word, value in values if value is not None]


class ColourRules(Section):
    """Three-colour progress management (红黄绿三色管理)."""

    kind: ClassVar[str] = "colour"

    baseline: Literal["current", "original"] = "current"
    aggregate: Literal["worst-open", "next-node", "weighted"] = "worst-open"
    count_days: Literal["calendar", "work"] = "calendar"
    late_done: Literal["green", "yellow", "keep-red-until-next-node"] = "green"
    suspended: Literal["grey", "judged"] = "grey"
    no_plan: Literal["grey", "green"] = "grey"
    month_precision_due: Literal["period-end", "period-start"] = "period-end"
    weighted: Weighted = Weighted()
    node: list[NodeWindows] = Field(default_factory=list)
    pace: Pace = Pace()

    @model_validator(mode="after")
    def _one_entry_a_node(self) -> Self:
        if not self.node:
            return self
        name, times = Counter(entry.match for entry in self.node).most_common(1)[0]
        if times > 1:
            message = f"the node {name} has {times} entries"
            raise ValueError(message)
        return self

    def rules(self) -> dict[str, Any]:
        """Give the rules as plain JSON, nodes by name."""
        plain_rules = self.model_dump(mode="json", exclude={"node", "pace"})
        by_name = {entry.match: entry for entry in self.node}
        general = by_name.pop("*", NodeWindows(match="*")).windows({})
        nodes = {name: entry.windows(general) for name, entry in by_name.items()}
        return {**plain_rules, "node": {"*": general, **nodes}, "pace": self.pace.rules()}
