"""Write amounts as payloads carry them: whole yuan beside the text of the report."""

from decimal import Decimal

from server.demonstration.book import Payload

YUAN = 10_000
"""The yuan of one 万元."""
WAN = 10_000
"""The 万元 of one 亿元."""


def in_wan(wan: int) -> Payload:
    """Write an amount given and reported in 万元."""
    return {"yuan": wan * YUAN, "as_reported": f"{wan} 万元"}


def in_yi(wan: int) -> Payload:
    """Write an amount given in 万元 and reported in 亿元."""
    amount = Decimal(wan) / WAN
    return {"yuan": wan * YUAN, "as_reported": f"{amount.normalize():f} 亿元"}


def slipped(wan: int) -> Payload:
    """Write an amount whose reporter took 万元 for 亿元."""
    return {"yuan": wan * YUAN * WAN, "as_reported": f"{wan} 亿元"}


def tenths(amount: int) -> str:
    """Write a number of tenths as a decimal, e.g. an area of 0.1 mu units."""
    return f"{amount // 10}.{amount % 10}"


def hundredths(amount: int) -> str:
    """Write a number of hundredths as a decimal."""
    return f"{amount // 100}.{amount % 100:02d}"
