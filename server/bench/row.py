"""One line of the table: two speeds measured side by side and what is wanted of their ratio."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """What was done how often a second by us and by a peer, and the ratio of the two.

    The ratio is the median of the rounds', so it need not be the quotient of the speeds. It is our
    speed over the peer's where `bar` is the least that is wanted, and our cost over the peer's
    where it is the most (`is_cost`). Without a bar the line is there for comparison only.
    """

    name: str
    unit: str
    ours: float
    peer: str
    theirs: float
    ratio: float
    bar: float | None
    is_cost: bool = False

    @property
    def met(self) -> bool | None:
        """Tell whether the bar is met; None without a bar."""
        if self.bar is None:
            return None
        return self.ratio <= self.bar if self.is_cost else self.ratio >= self.bar

    @property
    def wanted(self) -> str:
        """Write the bar for a person."""
        if self.bar is None:
            return ""
        return f"{'≤' if self.is_cost else '≥'} {self.bar:g}"

    def as_json(self) -> dict[str, Any]:
        """Give the line for programs."""
        return {
            "name": self.name,
            "unit": self.unit,
            "ours_per_second": round(self.ours, 2),
            "peer": self.peer,
            "peer_per_second": round(self.theirs, 2),
            "ratio": round(self.ratio, 4),
            "bar": self.bar,
            "bar_is": "most" if self.is_cost else "least",
            "met": self.met,
        }


def against_seconds(name: str, unit: str, speed: float, seconds: float) -> Row:
    """Compare a speed with the longest that once may take."""
    return Row(
        name=name,
        unit=unit,
        ours=speed,
        peer=f"once in {seconds * 1000:g} ms",
        theirs=1 / seconds,
        ratio=speed * seconds,
        bar=1.0,
    )
