"""Compare industries in SQL as `domain.industry` does."""

from domain.industry import SECTIONS
from projections.terms.relation import Arguments

_DIVISIONS = ", ".join(f"('{letter}', '{a}', '{z}')" for letter, (a, z) in SECTIONS.items())


def _digits(code: str) -> str:
    """Give a code without its section letter."""
    return f"ltrim({code}, '{''.join(SECTIONS)}')"


def in_industries(industry: str, arguments: Arguments, name: str) -> str:
    """Give the condition that an industry lies in one of the given ones, of any width."""
    wanted = arguments.bind(name, "text[]")
    lies = lies_in(industry, "w.industry")
    return f"EXISTS (SELECT 1 FROM unnest({wanted}) AS w (industry) WHERE {lies})"


def lies_in(industry: str, wanted: str) -> str:
    """Give the condition that an industry lies in another of any width."""
    return f"""EXISTS (SELECT 1 FROM (SELECT {wanted} AS code) v
        LEFT JOIN (VALUES {_DIVISIONS}) AS d (letter, first, last) ON d.letter = v.code
        WHERE starts_with({industry}, v.code)
            OR left({_digits(industry)}, 2) COLLATE "C" BETWEEN d.first AND d.last
                AND {industry} = {_digits(industry)}
            OR d.letter IS NULL AND starts_with({_digits(industry)}, {_digits("v.code")})
                AND ({industry} = {_digits(industry)} OR v.code = {_digits("v.code")}))"""
