"""What was reached of the agreed capacity, as reported (达产达效)."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from projections.folding.payload import decimal, yuan
from projections.folding.projection import Column, FactView
from projections.terms.policy_choice import chosen
from projections.terms.quantities import money
from projections.terms.relation import Arguments, Field, One, Relation, Value
from projections.terms.seen import last_seen, seen
from projections.terms.summary_policy import rules_or_defaults


class Capacities(FactView):
    """One row a report that capacity was reached."""

    name = "capacities"
    kinds = frozenset({"CapacityReached"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("percent", "numeric"),
        Column("output_ttm", "bigint"),
        Column("tax_ttm", "bigint"),
    )

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the share of capacity and what twelve months brought."""
        payload = fact.payload
        yield (
            decimal(payload, "capacity_pct"),
            yuan(payload, "output_ttm"),
            yuan(payload, "tax_ttm"),
        )


VIEW = Capacities()


def _capacity(_: Arguments) -> str:
    """Judge the last report by the rules of the place on the day it speaks of."""
    district = last_seen("projects", "district", "v.project")
    rule = chosen("capacity", "d.district", "c.day_to", "p.policy, p.rules")
    return f"""SELECT c.percent, c.output_ttm, c.tax_ttm, c.occurred_on, c.position, r.policy,
            (k.rules ->> 'threshold_percent')::numeric AS wanted,
            (k.rules ->> 'window_months')::integer AS months
        FROM (SELECT v.*, {district} AS district FROM read.capacities v
            WHERE v.project = $parent.id AND {seen("v")} ORDER BY v.order_key DESC LIMIT 1) c
        CROSS JOIN LATERAL (SELECT c.district) d LEFT JOIN LATERAL ({rule}) r ON true
        CROSS JOIN LATERAL (SELECT {rules_or_defaults("capacity", "r.rules")} AS rules) k"""


CAPACITY_TEST = Relation(
    "CapacityTest",
    row={
        "percent": "numeric",
        "output_ttm": "bigint",
        "tax_ttm": "bigint",
        "occurred_on": "text",
        "position": "bigint",
        "policy": "text",
        "wanted": "numeric",
        "months": "integer",
    },
    fields={
        "on": Value("$self.occurred_on", "flexdate"),
        "percent": Value("trim_scale($self.percent)", "decimal"),
        "threshold_percent": Value("trim_scale($self.wanted)", "decimal"),
        "window_months": Value("$self.months", "int"),
        "reached": Value("$self.percent >= $self.wanted", "boolean"),
        "output": money("$parent.output_ttm"),
        "tax": money("$parent.tax_ttm"),
        "policy": One(
            "PolicyRef",
            lambda _: "SELECT $parent.policy AS policy WHERE $parent.policy IS NOT NULL",
        ),
        "source": One("Event", lambda _: "SELECT $parent.position AS position"),
    },
)

RELATIONS = (CAPACITY_TEST,)
PROJECT_FIELDS: dict[str, Field] = {"capacity": One("CapacityTest", _capacity)}
