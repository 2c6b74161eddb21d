"""Policies: the rules of judgement as versioned files that an authority adopts.

A policy is one TOML file of one version. The table `[policy]` says what it is and where and when it
holds; one more table, named after its kind, holds the rules. Files are never edited once adopted.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Self, TypeVar

from pydantic import Field, ValidationError, model_validator

from domain.errors import Malformed
from domain.policy_rules import SECTIONS
from domain.policy_section import Table
from domain.regions import region_beginning, significant
from domain.toml_lines import key_at, line_of

COUNTRY = "CN"

T = TypeVar("T", bound=Table)


class PolicyTable(Table):
    """The table `[policy]`: identity, place and time of the rules."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*(/[a-z0-9][a-z0-9-]*)+$")
    version: str = Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z.\-]*$")
    kind: str
    jurisdiction: str = Field(default=COUNTRY, pattern=r"^(CN|\d{2}|\d{4}|\d{6})$")
    effective_from: date
    effective_to: date | None = None
    basis: str = ""

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.effective_to is not None and self.effective_to < self.effective_from:
            message = "effective_to lies before effective_from"
            raise ValueError(message)
        return self


def jurisdiction(value: str) -> str:
    """Read where policies hold: the whole country, or a region. Raises Malformed."""
    return value if value == COUNTRY else region_beginning(value)


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of one policy.

    `jurisdiction` is a prefix of region codes: "" is the whole country, "3204" a city with its
    districts. `effective_to` is the last day, inclusive; None means until further notice. `rules`
    is plain JSON with all defaults filled in (see `domain.policy_rules`, `domain.colour_rules`).
    """

    id: str
    version: str
    kind: str
    jurisdiction: str
    effective_from: date
    effective_to: date | None
    basis: str
    rules: dict[str, Any]
    body: str
    sha256: str

    @property
    def ref(self) -> str:
        """Name this version: `<policy id>@<version>`."""
        return f"{self.id}@{self.version}"

    def covers(self, on: date) -> bool:
        """Say whether a day is among those that it states."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)

    def gives_way(self, other: "Policy", on: date) -> bool:
        """Say whether another is a later version of it that has begun by a day."""
        same = (self.id, self.kind, self.jurisdiction) == (other.id, other.kind, other.jurisdiction)
        return same and self.effective_from < other.effective_from <= on


def in_force(policies: Iterable[Policy], on: date) -> list[Policy]:
    """Give the policies that hold on a day, wherever.

    What a later version has taken over never comes back, not even once that one has ended.
    """
    known = list(policies)
    return [
        policy
        for policy in known
        if policy.covers(on) and not any(policy.gives_way(other, on) for other in known)
    ]


def choose(policies: Iterable[Policy], kind: str, district: str, on: date) -> Policy | None:
    """Find the policy that judges a district on a day, or None when no policy covers it.

    Among the policies of the kind in force there, the longest jurisdiction wins; then the later
    `effective_from`; then, since overlapping intervals should not exist but might, the greater ref
    bytewise. When a policy was adopted does not matter, so retroactive adoption works; the caller
    passes only policies known at the time of knowledge.
    """
    of_kind = in_force((p for p in policies if p.kind == kind), on)
    covering = [p for p in of_kind if district.startswith(p.jurisdiction)]
    return max(covering, key=lambda p: (len(p.jurisdiction), p.effective_from, p.ref), default=None)


@lru_cache(maxsize=1024)
def parse(body: str) -> Policy:
    """Read a policy file.

    Raises Malformed `invalid_policy` that names key and line. The answer is shared between callers
    and must not be changed.
    """
    said = document(body)
    table = _checked(PolicyTable, said.get("policy"), "policy", body)
    section = SECTIONS.get(table.kind)
    if section is None:
        raise _invalid(body, ("policy", "kind"), table.kind, f"use one of {', '.join(SECTIONS)}")
    name = section.section()
    for key in said:
        if key not in {"policy", name}:
            raise _invalid(body, (key,), key, f"a policy of this kind has only the table [{name}]")
    rules = _checked(section, said.get(name, {}), name, body)
    return Policy(
        id=table.id,
        version=table.version,
        kind=table.kind,
        jurisdiction="" if table.jurisdiction == COUNTRY else significant(table.jurisdiction),
        effective_from=table.effective_from,
        effective_to=table.effective_to,
        basis=table.basis,
        rules=rules.rules(),
        body=body,
        sha256=hashlib.sha256(body.encode()).hexdigest(),
    )


def check_rules_are_there(policy: Policy, path: str) -> None:
    """Refuse to adopt a file without a table of rules. Raises Malformed `invalid_policy`.

    It would judge by defaults alone, and whoever forgot the table, or lost the end of the file,
    would never see it. What was adopted so before goes on judging.
    """
    name = SECTIONS[policy.kind].section()
    if name not in document(policy.body):
        cure = f"add the table [{name}] with the rules; leave it empty to take every default"
        refusal = _invalid(policy.body, ("policy", "kind"), policy.kind, cure)
        raise refusal.within(path)


def document(body: str) -> dict[str, Any]:
    """Read a policy file as TOML. Raises Malformed `invalid_policy` that names line and key."""
    try:
        return tomllib.loads(body, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        lines = body.rstrip().split("\n")
        line = min(int(found[1]) if found else len(lines), len(lines))
        key = key_at(body, line)
        raise Malformed(
            code="invalid_policy",
            field=f"body line {line}: {key}" if key else f"body line {line}",
            value=lines[line - 1],
            cure=f"write valid TOML: {error}",
        ) from error
    except RecursionError as error:
        cure = "write valid TOML; this is nested too deeply"
        raise Malformed(code="invalid_policy", field="body", cure=cure) from error


def _checked(kind: type[T], table: object, name: str, body: str) -> T:
    try:
        return kind.model_validate({} if table is None else table)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise _invalid(body, (name, *first["loc"]), first["input"], _cure(first["msg"])) from error


def _cure(message: str) -> str:
    return message.removeprefix("Value error, ")


def _invalid(body: str, path: tuple[str | int, ...], value: object, cure: str) -> Malformed:
    key = ".".join(map(str, path))
    return Malformed(
        code="invalid_policy",
        field=f"body line {line_of(body, path)}: {key}",
        value=value,
        cure=cure,
    )
