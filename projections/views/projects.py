"""The projects, as their registrations and the revisions of them describe them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from domain.fact import Fact
from domain.revisions import REGISTRATION, REVISION, registrations
from projections.folding.derived import Derivation, DerivedView
from projections.folding.payload import decimal, text, yuan
from projections.folding.projection import BELIEF, Column


class Projects(DerivedView):
    """One row a registration (线索/洽谈登记) and one a revision (项目信息变更).

    Each row describes the whole project; the last visible one counts.
    """

    name = "projects"
    version = 2
    kinds = frozenset({REGISTRATION})
    deriving = frozenset({REVISION})
    reading = frozenset({REGISTRATION, REVISION})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("title", "text NOT NULL"),
        Column("district", 'text COLLATE "C" NOT NULL'),
        Column("park", "text"),
        Column("industry", "text"),
        Column("enterprise", "text"),
        Column("stage", "text"),
        Column("intended_investment", "bigint"),
        Column("intended_land_mu", "numeric"),
    )
    indexes = ("(district)", "(enterprise) WHERE enterprise IS NOT NULL", *BELIEF)

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the description of the project; that of one it absorbed describes nobody."""
        if _is_own(fact):
            yield _described(fact.payload)

    def derived(self, facts: Sequence[Fact]) -> Iterable[Derivation]:
        """Give the description of the project after each revision."""
        told = (fact for fact in facts if fact.kind != REGISTRATION or _is_own(fact))
        for fact, whole, _ in registrations(told):
            if fact.kind == REVISION:
                yield Derivation(fact, str(fact.project), (_described(whole),))


def _is_own(fact: Fact) -> bool:
    """Tell whether a fact lies in the stream of the project it is given to."""
    return fact.stream == f"project/{fact.project}"


def _described(payload: Mapping[str, object]) -> tuple[object, ...]:
    """Give the columns of a description."""
    return (
        text(payload, "title"),
        text(payload, "district"),
        text(payload, "park"),
        text(payload, "industry_gb4754"),
        text(payload, "enterprise_ref"),
        text(payload, "stage"),
        yuan(payload, "intended_investment"),
        decimal(payload, "intended_land_mu"),
    )


VIEW = Projects()
