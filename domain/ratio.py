"""Exact shares, rounded once and only where they are shown.

A ratio keeps both of its sides, because a bare percentage can be neither checked nor added up.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

Number = int | Decimal | Fraction


def half_up(value: Number, digits: int) -> Decimal:
    """Round to `digits` decimal places; a tie goes away from zero, as PostgreSQL's `round` does.

    The value is taken exactly, so rounding an unrounded quotient never passes through a second
    rounding. The answer always shows all `digits` places.
    """
    exact = Fraction(value)
    scaled = abs(exact) * 10**digits
    units = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(units if exact >= 0 else -units).scaleb(-digits)


@dataclass(frozen=True, slots=True)
class Ratio:
    """A share with its numerator, denominator and the policy that chose them."""

    numerator: Number
    denominator: Number
    policy: str | None = None

    def exact(self) -> Fraction | None:
        """Divide without rounding; None when the denominator is zero (not applicable)."""
        if self.denominator == 0:
            return None
        return Fraction(self.numerator) / Fraction(self.denominator)

    def percent(self, digits: int = 1) -> Decimal | None:
        """Give the share in percent, rounded half up once; None, never 0 or 100, over zero."""
        share = self.exact()
        return None if share is None else half_up(share * 100, digits)

    def rounded(self, digits: int) -> Decimal | None:
        """Give the plain quotient, rounded half up once; None over zero."""
        share = self.exact()
        return None if share is None else half_up(share, digits)


@dataclass(frozen=True, slots=True)
class Change:
    """A value before and after, told in every way that people call "n times".

    "Raised 4 times" and "raised to 5 times" look alike and differ by one, so the parts are always
    shown together: `ratio` is after / before, `increase` is (after - before) / before.
    """

    before: Number
    after: Number

    def ratio(self, digits: int = 2) -> Decimal | None:
        """Give after / before; None when there was nothing before."""
        return Ratio(self.after, self.before).rounded(digits)

    def increase(self, digits: int = 2) -> Decimal | None:
        """Give (after - before) / before; None when there was nothing before."""
        return Ratio(self._difference(), self.before).rounded(digits)

    def points(self, digits: int = 0) -> Decimal:
        """Give after - before: percentage points when both are percentages."""
        return half_up(self._difference(), digits)

    def cut(self) -> Ratio:
        """Give the share that was saved: (before - after) / before."""
        return Ratio(-self._difference(), self.before)

    def _difference(self) -> Fraction:
        return Fraction(self.after) - Fraction(self.before)
