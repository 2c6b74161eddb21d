"""Compare region codes in SQL as `domain.regions` does."""


def significant(code: str) -> str:
    """Give a region code without the zeros that only fill up: 320000 and 32 are one province."""
    return f"regexp_replace({code}, '^([0-9]{{2}})0000$|^([0-9]{{4}})00$', '\\1\\2')"
