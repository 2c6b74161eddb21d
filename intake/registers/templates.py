"""Fill what a mapping writes with names of columns in braces."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from intake.registers.mapping import PLACEHOLDER

Filling = Callable[[Mapping[str, Any]], Any]
"""Fills a template with the values of a row."""


def compiled(template: Any) -> Filling:
    """Give what fills a template; it gives None where what the template names is blank.

    A name alone in its braces gives the value as it is, several with "|" the first that is there;
    between other words it gives the value's text. Tables and lists lose what is None in them.
    """
    if isinstance(template, Mapping):
        return _table(template)
    if isinstance(template, list | tuple):
        return _list([compiled(one) for one in template])
    if not isinstance(template, str):
        return lambda _: template
    alone = PLACEHOLDER.fullmatch(template)
    if alone:
        return first_of(alone[1])
    return _text(template)


def _table(template: Mapping[str, Any]) -> Filling:
    """Fill a table; one that has nothing left in it is None itself."""
    parts = [(name, compiled(inner)) for name, inner in template.items()]

    def fill(values: Mapping[str, Any]) -> Any:
        table = {}
        for name, part in parts:
            value = part(values)
            if value is not None:
                table[name] = value
        return table or None

    return fill


def _list(parts: Sequence[Filling]) -> Filling:
    """Fill a list, without what is None in it."""

    def fill(values: Mapping[str, Any]) -> list[Any]:
        found = [part(values) for part in parts]
        return [value for value in found if value is not None]

    return fill


def _text(template: str) -> Filling:
    """Fill a text in which there are other words too."""
    names = PLACEHOLDER.findall(template)
    if not names:
        return lambda _: template
    words = PLACEHOLDER.split(template)[::2]
    parts = [first_of(one) for one in names]

    def fill(values: Mapping[str, Any]) -> str | None:
        found = [part(values) for part in parts]
        if any(value is None for value in found):
            return None
        return _joined(words, found)

    return fill


def _joined(words: Sequence[str], found: Sequence[Any]) -> str:
    """Put words and values together by turns."""
    return words[0] + "".join(
        f"{value}{word}" for value, word in zip(found, words[1:], strict=True)
    )


def first_of(names: str) -> Filling:
    """Give the first of some values that is there."""
    if "|" not in names:
        return lambda values: values.get(names)
    choices = names.split("|")

    def fill(values: Mapping[str, Any]) -> Any:
        for name in choices:
            value = values.get(name)
            if value is not None:
                return value
        return None

    return fill


def names_in(template: Any) -> list[str]:
    """Name the columns that a template asks for."""
    if isinstance(template, Mapping):
        return [name for inner in template.values() for name in names_in(inner)]
    if isinstance(template, list | tuple):
        return [name for inner in template for name in names_in(inner)]
    if not isinstance(template, str):
        return []
    return [name for names in PLACEHOLDER.findall(template) for name in names.split("|")]
