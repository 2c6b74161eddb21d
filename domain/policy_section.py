"""What the sections of all policy kinds have in common."""

from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer


def _exact(value: object) -> object:
    """Take whole numbers as decimals; leave everything else to the strict check."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return value


def plain(value: Decimal) -> str:
    """Write a decimal without exponent and without trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


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
