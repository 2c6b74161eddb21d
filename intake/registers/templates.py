"""Fill what a mapping writes with names of columns in braces."""

from collections.abc import Mapping
from typing import Any

from intake.registers.mapping import PLACEHOLDER


def filled(template: Any, values: Mapping[str, Any]) -> Any:
    """Fill a template; None where what it names is blank.

    A name alone in its braces gives the value as it is, several with "|" the first that is there;
    between other words it gives the value's text. Tables and lists lose what is None in them.
    """
    if isinstance(template, dict):
        parts = {name: filled(inner, values) for name, inner in template.items()}
        return {name: inner for name, inner in parts.items() if inner is not None} or None
    if isinstance(template, list):
        return [inner for inner in (filled(one, values) for one in template) if inner is not None]
    if not isinstance(template, str):
        return template
    alone = PLACEHOLDER.fullmatch(template)
    if alone:
        return first_of(alone[1], values)
    found = {names: first_of(names, values) for names in PLACEHOLDER.findall(template)}
    if any(value is None for value in found.values()):
        return None
    return PLACEHOLDER.sub(lambda match: str(found[match[1]]), template)


def first_of(names: str, values: Mapping[str, Any]) -> Any:
    """Give the first of some values that is there."""
    return next((values[name] for name in names.split("|") if values.get(name) is not None), None)


def names_in(template: Any) -> list[str]:
    """Name the columns that a template asks for."""
    if isinstance(template, dict):
        return [name for inner in template.values() for name in names_in(inner)]
    if isinstance(template, list):
        return [name for inner in template for name in names_in(inner)]
    if not isinstance(template, str):
        return []
    return [name for names in PLACEHOLDER.findall(template) for name in names.split("|")]
