"""Find the first projects of one phase in one region without going through all others.

An index has the projects of every district and phase in the order of their ids. Of each such pair
as many are taken as the page holds, so that the page is found among few, however many projects of
other phases lie between them.
"""

from projections.answers.project_filter import PREFIX, is_by_spans, phases_asked
from projections.judging.entries import any_of
from projections.judging.project_scope import in_regions
from projections.spans.board_days import DISTRICTS
from projections.spans.spans import spanned
from projections.terms.relation import Arguments

_KEYS = 3
"""The columns of a cursor: `sort_up`, `sort_down` and the id."""
_ORDER = 's.project COLLATE "POSIX"'
"""The order of the index, which is that of "C"."""


def first_projects(arguments: Arguments) -> str | None:
    """Select the first projects after the cursor; None where phase or region is left open."""
    is_narrow = arguments.given(f"{PREFIX}region") and arguments.given(f"{PREFIX}phase")
    if not is_narrow or arguments.given("order_by") or not is_by_spans(arguments):
        return None
    if not arguments.is_settled():
        return None
    here = in_regions("d.district", arguments, f"{PREFIX}region")
    wanted = [
        "s.district = d.district",
        "s.furthest = r.rank",
        spanned("s"),
        any_of("s.colour", arguments, f"{PREFIX}colour"),
    ]
    if arguments.given("after"):
        last = arguments.bind_key("after", _KEYS - 1, _KEYS, "text")
        wanted.append(f"{_ORDER} > {last}")
    size = arguments.bind("first", "bigint")
    return f"""SELECT s.project AS id, '' COLLATE "C" AS sort_up, '' AS sort_down
        FROM (SELECT DISTINCT d.district FROM ({DISTRICTS} AND {here}) d) d
        CROSS JOIN ({phases_asked(arguments)}) r
        CROSS JOIN LATERAL (SELECT s.project FROM read.project_spans s
            WHERE {" AND ".join(wanted)} ORDER BY {_ORDER} LIMIT {size} + 1) s"""
