"""Compare industries in SQL as `domain.industry` does."""

from domain.industry import SECTIONS
from projections.relation import Arguments

_DIVISIONS = ", ".join(f"('{letter}', '{a}', '{z}')" for letter, (a, z) in SECTIONS.items())


def _digits(code: str) -> str:
    """Give a code without its section letter."""
    return f"ltrim({code}, '{''.join(SECTIONS)}')"


def in_industries(industry: str, arguments: Arguments, name: str) -> str:
    """Give the condition that an industry lies in one of the given ones, of any width."""
    wanted = arguments.bind(name, "text[]")
    return f"""EXISTS (SELECT 1 FROM unnest({wanted}) AS w (industry)
        LEFT JOIN (VALUES {_DIVISIONS}) AS d (letter, first, last) ON d.letter = w.industry
        WHERE starts_with({industry}, w.industry)
            OR left({_digits(industry)}, 2) COLLATE "C" BETWEEN d.first AND d.last
                AND {industry} = {_digits(industry)}
            OR d.letter IS NULL AND starts_with({_digits(industry)}, {_digits("w.industry")})
                AND ({industry} = {_digits(industry)} OR w.industry = {_digits("w.industry")}))"""
