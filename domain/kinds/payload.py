"""What every kind of fact has in common: its names, its place in the catalogue and its checks."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError
from typing_extensions import is_typeddict

from domain.errors import UnknownFormat
from domain.flexdate import Precision
from domain.person_name import PersonNameMark
from domain.validation import malformed

StreamType = Literal[
    "project",
    "list",
    "policy",
    "target",
    "pool",
    "round",
    "enterprise",
    "meeting",
    "ledger",
    "target-stream",
]
Upcaster = Callable[[dict[str, Any]], dict[str, Any]]


class Payload(BaseModel):
    """The payload of one kind. The docstring of each kind is its meaning in one line."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    kind: ClassVar[str]
    """Stored forever; the class may be renamed, this may not."""

    number: ClassVar[int]
    """The place in the catalogue, by which facts of one moment are ordered."""

    chinese: ClassVar[str]
    english: ClassVar[str]
    occurred_on_means: ClassVar[str]
    example: ClassVar[dict[str, Any]]
    """A valid payload, shown in the documentation and used by tests."""

    schema_version: ClassVar[int] = 1
    upcasters: ClassVar[Mapping[int, Upcaster]] = {}
    """From each older schema version, the step to the next."""

    reason_required: ClassVar[bool] = False
    stream_type: ClassVar[StreamType] = "project"
    other_streams: ClassVar[frozenset[StreamType]] = frozenset()
    """What a fact of this kind may be about instead."""

    period: ClassVar[Precision | None] = None
    """The precision `occurred_on` must have, for kinds that report about a period."""

    further_periods: ClassVar[tuple[Precision, ...]] = ()
    """Other precisions that will do, for kinds that report about periods of several lengths."""

    @classmethod
    def validated(cls, data: object, path: str = "payload") -> dict[str, Any]:
        """Check a payload and give it as plain JSON, without absent fields. Raises Malformed."""
        try:
            model = cls.__pydantic_validator__.validate_python(data)
        except ValidationError as error:
            raise malformed(error, path, _names(cls)) from error
        fields = model.__dict__
        aliases = _aliases(cls)
        if aliases:
            return {
                aliases.get(name, name): value
                for name, value in fields.items()
                if value is not None
            }
        return {name: value for name, value in fields.items() if value is not None}

    @classmethod
    def check_setting(cls, payload: dict[str, Any], stream: str, occurred_on: str) -> None:
        """Check a payload against its stream and date; most kinds say nothing about them."""

    @classmethod
    def upcast(cls, schema_version: int, payload: dict[str, Any]) -> dict[str, Any]:
        """Bring a stored payload to today's schema version; stored bytes never change."""
        if schema_version > cls.schema_version:
            raise UnknownFormat(value=f"{cls.kind} version {schema_version}")
        for version in range(schema_version, cls.schema_version):
            payload = cls.upcasters[version](payload)
        return payload


@cache
def _aliases(kind: type[Payload]) -> Mapping[str, str]:
    """Give the attribute names that differ from the field's name in JSON."""
    fields = kind.model_fields.items()
    return {name: field.alias for name, field in fields if field.alias is not None}


@cache
def _names(kind: type[Payload]) -> tuple[str, ...]:
    """Give the names of a kind's fields in JSON."""
    return tuple(field.alias or name for name, field in kind.model_fields.items())


@cache
def person_name_paths(kind: type[Payload]) -> tuple[tuple[str, ...], ...]:
    """Give the places of a kind's payload that hold the name of a person; "*" is every item."""
    return tuple(
        dict.fromkeys(
            (field.alias or name, *path)
            for name, field in kind.model_fields.items()
            for path in _marked(field.annotation, field.metadata)
        )
    )


def _marked(annotation: Any, marks: Iterable[object] = ()) -> Iterator[tuple[str, ...]]:
    """Give the places inside a type that are marked as the name of a person."""
    if any(isinstance(mark, PersonNameMark) for mark in marks):
        yield ()
    elif is_typeddict(annotation):
        for name, hint in get_type_hints(annotation, include_extras=True).items():
            yield from ((name, *path) for path in _marked(hint))
    elif get_origin(annotation) is Annotated:
        yield from _marked(annotation.__origin__, annotation.__metadata__)
    elif get_origin(annotation) is list:
        yield from (("*", *path) for path in _marked(get_args(annotation)[0]))
    else:
        for argument in get_args(annotation):
            yield from _marked(argument)
