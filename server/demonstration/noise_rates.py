"""How noisy the sources of a portfolio are: one rate for every way in which they err."""

from dataclasses import dataclass, fields, replace

from domain.errors import Malformed

EVERYTHING = "all"
HIGHEST_LATENESS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """The shares of facts or projects that each disturbance befalls, from 0 to 1.

    `lateness` alone is a number: the most days between a fact and its delivery.
    """

    duplicates: float = 0.02
    """Facts told twice."""
    wrong_dates: float = 0.04
    """Facts with a day that are told with a wrong one, which a person corrects."""
    unit_slips: float = 0.07
    """Reports of investment told in the wrong unit, before slips are held back in 2025."""
    revisions: float = 0.04
    """Facts that their source revises without a word."""
    newer_first: float = 0.2
    """Revised facts whose newer version arrives before the older one."""
    wrong_projects: float = 0.012
    """Permits, deliveries of land and enrolments told about another project and taken back."""
    coarse_dates: float = 0.65
    """Facts whose exact day decides nothing that are known by their month only."""
    late_registrations: float = 0.02
    """Projects whose registration arrives after other facts about them."""
    exceptions: float = 0.03
    """Ordinary projects with one of the exceptions that the rules allow or find."""
    boundaries: float = 0.05
    """Ordinary projects that start on a due day, a year's end, a holiday or a make-up workday."""
    lateness: float = 40

    @property
    def text(self) -> str:
        """Write what differs from the usual noise, as `changed` reads it."""
        usual = Noise()
        named = ((field.name, getattr(self, field.name)) for field in fields(self))
        return " ".join(
            f"{_written(name)}={rate:g}" for name, rate in named if rate != getattr(usual, name)
        )

    def changed(self, setting: str) -> "Noise":
        """Change a rate by `name=rate`, or every one by `all=rate`. Raises Malformed."""
        name, _, text = setting.partition("=")
        rate = _rate(setting, name, text)
        if name == EVERYTHING:
            shares = (field.name for field in fields(self) if field.name != "lateness")
            return replace(self, **dict.fromkeys(shares, rate))
        if name not in NAMES:
            raise Malformed(
                code="unknown_noise",
                field="noise",
                value=name,
                cure=f"Name one of {', '.join(NAMES)}, or {EVERYTHING}.",
            )
        return replace(self, **{name.replace("-", "_"): rate})


def _written(name: str) -> str:
    """Write the name of a rate as people do."""
    return name.replace("_", "-")


NAMES = tuple(_written(field.name) for field in fields(Noise))


def _rate(setting: str, name: str, text: str) -> float:
    """Read a rate. Raises Malformed if it is no number or out of its range."""
    highest = HIGHEST_LATENESS if name == "lateness" else 1
    try:
        rate = float(text)
    except ValueError:
        rate = -1.0
    if not 0 <= rate <= highest:
        raise Malformed(
            code="invalid_noise",
            field="noise",
            value=setting,
            cure=f"Write name=rate with a rate from 0 to {highest}, such as duplicates=0.05.",
        )
    return rate
