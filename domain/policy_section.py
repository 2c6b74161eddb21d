"""What the sections of all policy kinds have in common."""

from decimal import Decimal
from difflib import get_close_matches
from typing import Annotated, Any, ClassVar, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainSerializer

from domain.milestones import Milestone


def _exact(value: object) -> object:
    """Take whole numbers as decimals; leave everything else to the strict check."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return value


def plain(value: Decimal) -> str:
    """Write a decimal without exponent and without trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _milestone(value: str) -> str:
    """Refuse the name of a node that no life has: rules for it would never hold."""
    names = [milestone.value for milestone in Milestone]
    if value not in names:
        near = get_close_matches(value, names, n=1)
        message = f"name a milestone, such as {(near or ['construction_started'])[0]}"
        raise ValueError(message)
    return value


NodeName = Annotated[str, AfterValidator(_milestone)]
"""The name of a milestone, in lower case."""

EVERY: Final = "*"
NodeMatch = Annotated[str, AfterValidator(lambda name: name if name == EVERY else _milestone(name))]
"""The name of a milestone, or `*` for all of them."""

Exact = Annotated[Decimal, BeforeValidator(_exact), PlainSerializer(plain, when_used="json")]


class Table(BaseModel):
    """Any table of a policy file: unknown keys and wrong types are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Section(Table):
    """The rules of one policy kind, as a table of its file."""

    kind: ClassVar[str]

    @classmethod
    def section(cls) -> str:
        """Name the table of the file that holds these rules."""
        return cls.kind.replace("-", "_")

    def rules(self) -> dict[str, Any]:
        """Give the rules as plain JSON, with every default filled in."""
        return self.model_dump(mode="json")
