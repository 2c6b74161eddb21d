"""Keep what a question comes to at one position, so that asking again works nothing out anew.

Dashboards ask the same again and again, and between two changes of the ledger nothing moves: the
clocks, the values of the statements and what is said beside the data stay the same all day.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson

from api.clocks import Clocks, Present, clocks, policies_of
from api.database import Position, Reader
from api.question import Asked, Question
from api.reply import notes
from api.statement import Wire


class Standing:
    """What a question comes to at one position and on one day."""

    __slots__ = (
        "_clocks",
        "_cost",
        "_policies",
        "_position",
        "_said",
        "_today",
        "_values",
        "present",
    )

    def __init__(self, question: Question, position: Position, present: Present) -> None:
        """Know the present of the question; the rest is found out when it is needed."""
        self.present = present
        self._position = position
        self._today = present.today
        self._cost = question.cost
        self._policies = question.policies
        self._clocks: dict[str, Clocks] = {}
        self._values: dict[tuple[str, bool], tuple[int | None, str, list[Wire]]] = {}
        self._said: tuple[Mapping[str, Clocks], bytes] | None = None

    def holds(self, position: Position, today: date) -> bool:
        """Tell whether it still is so."""
        return position == self._position and today == self._today

    async def clocks(self, reader: Reader, asked: Asked) -> Clocks:
        """Resolve the two clocks of a root field. Raises BadInput and Problem."""
        key = asked.plan.key
        found = self._clocks.get(key)
        if found is None:
            policies = policies_of(key, self._policies)
            found = await clocks(reader.connection, asked.times, self.present, policies)
            if found.known == self.present.position:
                found = found._replace(settled=self.present.settled)
            self._clocks[key] = found
        return found

    def values(self, asked: Asked, at: Clocks, seen: str) -> list[Wire]:
        """Give the values of a root field's statement at its clocks.

        It answers only if no transaction has ended since what was `seen`, if that is not empty.
        """
        key = asked.plan.key, asked.plan.judging is not None
        found = self._values.get(key)
        if found is None or found[0] != at.settled or found[1] != seen:
            clocks = at.wire() | {"seen": seen}
            found = at.settled, seen, asked.plan.statement.clocked(asked.values, clocks)
            self._values[key] = found
        return found[2]

    def extensions(self, read_at: Mapping[str, Clocks]) -> bytes:
        """Write what is said beside the data: position, cost, clocks and notes."""
        if self._said is None or self._said[0] != read_at:
            language = self.present.language
            said: dict[str, Any] = {
                "position": self.present.position,
                "cost": self._cost,
                "asOf": {key: {"known": at.known, "on": at.on} for key, at in read_at.items()},
            }
            if noted := notes(read_at, language):
                said["notes"] = noted
            self._said = read_at, orjson.dumps(said)
        return self._said[1]
