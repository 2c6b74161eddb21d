"""The assessments before landing that were submitted and decided."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import ClassVar

from domain.fact import Fact
from projections.folding.payload import decimal, text
from projections.folding.projection import Column, FactView

INDICATORS = (
    "total_investment",
    "fixed_asset_investment",
    "investment_intensity",
    "tax_per_mu",
    "output_per_mu",
)
"""The declared indicators that are summed: money in yuan, values per mu in 万元."""


def _declared(payload: Mapping[str, object], code: str) -> Decimal | None:
    """Give the declared value of an indicator, if there is one."""
    indicators = payload.get("indicators")
    indicator = indicators.get(code) if isinstance(indicators, Mapping) else None
    return decimal(indicator, "value") if isinstance(indicator, Mapping) else None


class Admissions(FactView):
    """One row a submission (前评估申报) and one a decision (准入评审决定); `act` tells which."""

    name = "admissions"
    kinds = frozenset({"PreAssessmentSubmitted", "AdmissionDecided"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("act", "text NOT NULL"),
        Column("assessment_id", "text"),
        Column("outcome", "text"),
        Column("demand_land_mu", "numeric"),
        *(Column(code, "numeric") for code in INDICATORS),
    )
    indexes = ("(act, day_to)",)

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give what was asked for, or what was decided."""
        payload = fact.payload
        yield (
            "submitted" if fact.kind == "PreAssessmentSubmitted" else "decided",
            text(payload, "assessment_id"),
            text(payload, "outcome"),
            decimal(payload, "demand_land_mu"),
            *(_declared(payload, code) for code in INDICATORS),
        )


VIEW = Admissions()
