"""Say in SQL where the projects and enterprises lie that service is given to."""

from projections.judging.project_scope import in_regions
from projections.terms.relation import Arguments
from projections.terms.seen import last_seen, seen


def district_of(stream: str, stated: str) -> str:
    """Give the district of a project or an enterprise.

    A project lies where it is registered. Of an enterprise the facts may state it; else it lies
    where its first project does.
    """
    registered = last_seen("projects", "district", f"substr({stream}, 9)")
    # Streams sort by bytes; only under the order of the column itself its index serves.
    enterprise = f'substr({stream}, 12) COLLATE "default"'
    elsewhere = (
        f"(SELECT p.district FROM read.projects p WHERE p.enterprise = {enterprise}"
        f" AND {seen('p')} ORDER BY p.order_key LIMIT 1)"
    )
    return (
        f"CASE WHEN starts_with({stream}, 'project/') THEN coalesce({registered}, {stated})"
        f" ELSE coalesce({stated}, {elsewhere}) END"
    )


def in_places(stream: str, stated: str, arguments: Arguments) -> str:
    """Give the condition that service was given in one of the regions asked about, if any are."""
    if not arguments.given("region"):
        return "true"
    return in_regions(f"({district_of(stream, stated)})", arguments, "region")


def between(day: str, arguments: Arguments) -> str:
    """Give the condition that a day lies in the span asked about."""
    first, last = arguments.bind("from", "date"), arguments.bind("to", "date")
    return f"{day} BETWEEN {first} AND {last}"
