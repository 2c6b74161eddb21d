"""The targets that governments set."""

import re
from collections.abc import Iterable
from functools import cache
from typing import ClassVar, Final

from domain.district_names import NAMES
from domain.errors import Malformed
from domain.fact import Fact
from domain.flexdate import FlexDate
from domain.measures import basis_of, least_yi, measure_of
from domain.regions import region_prefix, significant
from projections.folding.payload import decimal, text
from projections.folding.projection import Column, FactView

LEVELS: Final = {
    "provincial": "provincial",
    "省级": "provincial",
    "prefecture": "prefecture",
    "地市级": "prefecture",
    "municipal": "municipal",
    "市级": "municipal",
    "district": "district",
    "区级": "district",
}
"""The words of a scope that name a level of lists."""

EVERYTHING: Final = frozenset({"all", "whole", "city", "全市", "全域", "全部"})
"""The scopes that leave nothing out."""

_WORDS: Final = re.compile(r"[0-9]+|[a-z]+|[\u4e00-\u9fff]+")


def regions_of(scope: str) -> list[str]:
    """Give the region codes that a scope such as `3211/municipal` names, without filling zeros.

    Districts may be named in Chinese, as 张家港市, unless two of them are called so.
    """
    words = _WORDS.findall(scope)
    codes = {significant(word) for word in words if _is_region(word)}
    return sorted(codes.union(*(_called(word) for word in words)))


@cache
def _called(word: str) -> frozenset[str]:
    """Give the codes of the one place that is called so, of all years; none for other words."""
    codes = frozenset(significant(code) for code, name in NAMES.items() if name == word)
    return codes if len({code[:4] for code in codes}) == 1 else frozenset()


def is_understood(scope: str) -> bool:
    """Tell whether a scope says over what a target is measured."""
    named = bool(regions_of(scope) or levels_of(scope))
    return named or scope.strip().lower() in EVERYTHING


def _is_region(word: str) -> bool:
    """Tell a region code from a year or another number."""
    try:
        region_prefix(word)
    except Malformed:
        return False
    return True


def levels_of(scope: str) -> list[str]:
    """Give the levels of lists that a scope names."""
    words = _WORDS.findall(scope.lower())
    return sorted({LEVELS[word] for word in words if word in LEVELS})


class Targets(FactView):
    """One row a target (目标下达): what is to be reached, for whom and by when."""

    name = "targets"
    version = 2
    subject = "stream"
    kinds = frozenset({"TargetSet"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("target_id", "text NOT NULL"),
        Column("metric", "text NOT NULL"),
        Column("scope", "text NOT NULL"),
        Column("regions", "text[] NOT NULL"),
        Column("levels", "text[] NOT NULL"),
        Column("understood", "boolean NOT NULL"),
        Column("threshold", "numeric NOT NULL"),
        Column("unit", "text NOT NULL"),
        Column("comparator", "text NOT NULL"),
        Column("due", "text NOT NULL"),
        Column("due_from", "date NOT NULL"),
        Column("due_to", "date NOT NULL"),
        Column("measure", "text"),
        Column("min_yi", "numeric NOT NULL"),
        Column("basis", "text NOT NULL"),
    )

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the threshold, the days on which it may fall due and what it is measured by."""
        payload = fact.payload
        scope, metric = str(payload["scope"]), str(payload["metric"])
        due = FlexDate.parse(str(payload["due"]))
        yield (
            text(payload, "target_id"),
            metric,
            scope,
            regions_of(scope),
            levels_of(scope),
            is_understood(scope),
            decimal(payload, "threshold"),
            text(payload, "unit"),
            text(payload, "comparator"),
            due.text,
            due.earliest,
            due.latest,
            measure_of(metric),
            least_yi(metric),
            basis_of(metric, scope, str(payload["unit"])),
        )


VIEW = Targets()
