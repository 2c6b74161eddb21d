"""Tell the facts of a row whose cells have been read."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

import orjson

from intake.delivery import Delivery
from intake.registers.mapping import Fact
from intake.registers.mapping import Mapping as Register
from intake.registers.templates import Filling, compiled, first_of, names_in

LONGEST_KEY: Final = 160


class Telling:
    """One fact of a mapping, ready to be told of many rows."""

    def __init__(self, register: Register, fact: Fact) -> None:
        """Prepare the templates of a fact."""
        self.fact = fact
        self._register = register
        self._date, self._subject = compiled(fact.date), compiled(fact.subject)
        self._payload, self._reason = compiled(fact.payload), compiled(fact.reason)
        self._version = compiled(fact.version)
        self._key = [first_of(names) for names in fact.key]
        same = [one for one in register.facts if one.kind == fact.kind]
        order = f"~{same.index(fact) + 1}" if same.index(fact) else ""
        self._prefix = f"{register.name}/{fact.kind}{order}/"
        self._own_record = None if fact.record is None else compiled(fact.record)
        self._target = self._amended()

    def applies(self, values: Mapping[str, Any]) -> bool:
        """Tell whether a row tells this fact."""
        fact = self.fact
        return all(values.get(name) is not None for name in fact.only_if) and all(
            str(values.get(name)) in said for name, said in fact.when.items()
        )

    def lacking(self, values: Mapping[str, Any]) -> list[str]:
        """Name the columns that the fact cannot be told without, and that are blank."""
        fact = self.fact
        names = [
            key.partition("|")[0]
            for key, part in zip(fact.key, self._key, strict=True)
            if part(values) is None
        ]
        if self._date(values) is None:
            names += self._sources(fact.date)
        if fact.subject and self._subject(values) is None:
            names += self._sources(fact.subject)
        if self._own_record is not None and self._own_record(values) is None:
            names += self._sources(fact.record)
        return list(dict.fromkeys(names))

    def delivery(self, values: Mapping[str, Any], row_no: int) -> Delivery:
        """Tell the fact of a row that lacks nothing."""
        return Delivery(
            kind=self.fact.kind,
            system=self._register.system,
            record_id=self.record(values),
            record_version=self._version(values),
            subject=self._subject(values),
            occurred_on=str(self._date(values)),
            reason=self._reason(values),
            corrects=self._target(values),
            payload=self._payload(values) or {},
            row_no=row_no,
        )

    def record(self, values: Mapping[str, Any]) -> str:
        """Name the record of a fact: the register, the kind, and the key of the row."""
        if self._own_record is not None:
            return str(self._own_record(values))
        key = "|".join([str(part(values)) for part in self._key])
        if len(key) > LONGEST_KEY:
            key = f"{key[: LONGEST_KEY // 2]}~{sha256(key.encode()).hexdigest()[:32]}"
        return self._prefix + key

    def _amended(self) -> Filling:
        """Name what an amendment amends: a fact of the same register by its kind, or another."""
        corrects = self.fact.corrects
        for one in self._register.facts:
            if corrects is not None and one.kind == corrects:
                system, telling = self._register.system, Telling(self._register, one)
                return lambda values: f"source:{system}/{telling.record(values)}"
        return compiled(corrects)

    def _sources(self, template: str | None) -> list[str]:
        """Name the columns that a template depends on."""
        return [
            source
            for name in names_in(template)
            for source in names_in(self._register.derived.get(name, ())) or [name]
        ]


def asked_for(fact: Fact, where: str) -> list[str]:
    """Name the columns that said a field of a fact."""
    if where == "subject":
        return names_in(fact.subject)
    if where in {"occurred_on", "occurredon"}:
        return names_in(fact.date)
    template: Any = {"payload": fact.payload}
    for step in where.split("."):
        if isinstance(template, Mapping) and step in template:
            template = template[step]
        else:
            break
    return names_in(template) if isinstance(template, str) else []


def digest_of(fact: Delivery) -> bytes:
    """Identify what a fact says, without where and as which version it came."""
    parts = [fact.kind, fact.subject, fact.occurred_on, fact.reason, fact.corrects, fact.payload]
    return sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).digest()
