"""Declare fields that are read from the read models: what they mean, and nothing about how.

Such a field has no resolver of its own; a `Relation` says in SQL what it holds, and the compiler or
plain execution reads it. Only the description, the type and the arguments are said in the schema.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField
from strawberry.types.unset import UNSET

DEMANDS = "demands"
"""The key under which the metadata of an argument, or of a part of an input, holds its demands."""

Check = Callable[[str], object]
"""Reads a text. Raises Malformed for one that cannot mean anything."""


@dataclass(frozen=True, slots=True)
class Demands:
    """What is demanded of a value beyond its type.

    `between` bounds a number, both ends included; a text must match the whole of `pattern`, begin
    with the value of the argument that `beginning` names, and pass `check`, as each text of a list
    must. An empty text mostly comes from a form in which nothing was chosen; it is refused unless
    it `may_be_empty`.
    """

    between: tuple[int, int] | None = None
    pattern: str | None = None
    beginning: str | None = None
    check: Check | None = None
    may_be_empty: bool = False


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a read field: its type as written in an annotation, its meaning, its default.

    The rest are its demands.
    """

    type: object
    description: str
    default: object = UNSET
    between: tuple[int, int] | None = None
    pattern: str | None = None
    beginning: str | None = None
    check: Check | None = None
    may_be_empty: bool = False

    @property
    def metadata(self) -> Mapping[object, object]:
        """Give what the schema keeps of it beside its type."""
        return demanding(
            between=self.between,
            pattern=self.pattern,
            beginning=self.beginning,
            check=self.check,
            may_be_empty=self.may_be_empty,
        )


def demanding(**demands: Any) -> Mapping[object, object]:
    """Give the metadata of a part of an input with these demands."""
    return {DEMANDS: Demands(**demands)}


def replaced(description: str, by: str) -> Any:
    """Declare a field that another one has replaced, which is the one to use from 0.1 on."""
    field = reads(description)
    field.deprecation_reason = f"Since 0.1: use {by}, whose values are a closed list."
    return field


def reads(description: str, name: str | None = None, /, **arguments: Argument) -> Any:
    """Declare a field that a relation maps; keyword arguments are the field's GraphQL arguments.

    A name is given where Python has taken it for itself, as `from`.
    """
    field = StrawberryField(graphql_name=name, type_annotation=None, description=description)
    field.arguments = [
        StrawberryArgument(
            python_name=python_name.rstrip("_"),
            graphql_name=python_name.rstrip("_") if python_name.endswith("_") else None,
            type_annotation=StrawberryAnnotation(argument.type),
            description=argument.description,
            default=argument.default,
            metadata=argument.metadata,
        )
        for python_name, argument in arguments.items()
    ]
    return field
