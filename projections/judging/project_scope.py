"""Say in SQL which projects a question is about.

Every question over many projects starts here: from the registrations that are seen at the two
clocks, narrowed by a `ProjectFilter`. Filters by facts come first; filters by judgements (phase,
colour, deviations) are applied to what those leave.
"""

from projections.judging.entries import any_of, entries
from projections.terms.industries import in_industries
from projections.terms.regions import significant
from projections.terms.relation import Arguments
from projections.terms.seen import last_seen, seen
from projections.views.identities import called


def registered(condition: str = "true") -> str:
    """Select the registrations that are seen, of the projects (alias `r`) of a condition."""
    return f"""SELECT DISTINCT ON (r.project) r.project, r.district, r.park, r.industry,
        r.enterprise, r.title, r.intended_investment
        FROM read.projects r WHERE {seen("r")} AND {condition}
        ORDER BY r.project, r.order_key DESC"""


REGISTERED = registered()


def sized(projects: str) -> str:
    """Select projects, among those of a query, with their total investment: signed or intended."""
    return f"""SELECT r.project, r.district, r.park, r.industry,
            coalesce(s.total, r.intended_investment) AS total
        FROM ({registered(f"r.project IN ({projects})")}) r LEFT JOIN (
            SELECT DISTINCT ON (g.project) g.project, g.total_investment AS total
            FROM read.signings g WHERE {seen("g")} AND g.project IN ({projects})
            ORDER BY g.project, g.order_key DESC) s ON s.project = r.project"""


def numbered(source: str) -> str:
    """Turn (project, district) rows into a scope judged on the judged day."""
    return (
        "SELECT row_number() OVER ()::integer AS n, b.project, b.district, $on AS day, $on AS cut"
        f" FROM ({source}) b"
    )


def in_regions(district: str, arguments: Arguments, name: str) -> str:
    """Give the condition that a code begins with one of the given codes, if any are."""
    if not arguments.given(name):
        return "true"
    regions = arguments.bind(name, "text[]")
    return (
        f"{district} ^@ ANY (ARRAY(SELECT {significant('w.region')}"
        f" FROM unnest({regions}) AS w (region)))"
    )


def lies_in_regions(project: str, arguments: Arguments, name: str) -> str:
    """Give the condition that a project is registered, in one of the given regions if any are.

    So what is counted over everything is what is counted over all regions together.
    """
    if arguments.given(name):
        return in_regions(last_seen("projects", "district", project), arguments, name)
    return f"EXISTS (SELECT FROM read.projects r WHERE r.project = {project} AND {seen('r')})"


_AFTER_ALL = "E'\\U0010FFFF'"
"""What no longer code is after: with it a beginning becomes a range, which an index can find."""


def ever_in_regions(arguments: Arguments, name: str) -> str:
    """Select the projects that were ever registered in one of the given regions.

    Few of all projects are sorted to find their last registrations where only these are asked for.
    """
    if not arguments.given(name):
        return "SELECT d.project FROM read.projects d"
    regions = arguments.bind(name, "text[]")
    code = f'{significant("w.region")} COLLATE "C"'
    return f"""SELECT d.project FROM unnest({regions}) AS w (region)
        JOIN read.projects d ON d.district >= {code} AND d.district < {code} || {_AFTER_ALL}"""


def registered_in_regions(arguments: Arguments, name: str) -> str:
    """Select the registrations that are seen, of the given regions if any are."""
    if not arguments.given(name):
        return REGISTERED
    here = in_regions("s.district", arguments, name)
    source = registered(f"r.project IN ({ever_in_regions(arguments, name)})")
    return f"SELECT s.* FROM ({source}) s WHERE {here}"


def by_facts(
    arguments: Arguments, prefix: str, *, signed: bool = True, source: str | None = None
) -> str:
    """Select (project, district) by everything in the filter that is no judgement.

    `signed` says whether the days of signing are looked at, `source` where registrations come from.
    """
    here = in_regions("r.district", arguments, f"{prefix}region")
    wanted = [here, *narrowing(arguments, prefix, signed=signed)]
    source = source or registered_in_regions(arguments, f"{prefix}region")
    return f"SELECT r.project, r.district FROM ({source}) r WHERE {' AND '.join(wanted)}"


def narrowing(arguments: Arguments, prefix: str, *, signed: bool = True) -> list[str]:
    """Give the conditions by facts beside the region, on a registration `r`."""
    wanted = []
    if arguments.given(f"{prefix}park"):
        wanted.append(f"r.park = ANY ({arguments.bind(f'{prefix}park', 'text[]')})")
    if arguments.given(f"{prefix}industry"):
        wanted.append(in_industries("r.industry", arguments, f"{prefix}industry"))
    if arguments.given(f"{prefix}enterprise"):
        name = arguments.bind(f"{prefix}enterprise", "text")
        wanted.append(f"{called('r.enterprise', 'enterprise')} = {called(name, 'enterprise')}")
    if arguments.given(f"{prefix}text"):
        wanted.append(_mentions(arguments.bind(f"{prefix}text", "text")))
    if arguments.given(f"{prefix}total_investment_min_yi"):
        least = arguments.bind(f"{prefix}total_investment_min_yi", "numeric")
        wanted.append(f"coalesce({_signed_total()}, r.intended_investment) >= {least} * 100000000")
    if signed:
        wanted.extend(_signed_between(arguments, prefix))
    wanted.extend(_listed(arguments, prefix))
    return wanted


def _mentions(wanted: str) -> str:
    """Give the condition that a text occurs in the title, the enterprise or a code of a project."""
    return (
        f"(strpos(lower(r.title), lower({wanted})) > 0"
        f" OR strpos(lower(coalesce(r.enterprise, '')), lower({wanted})) > 0"
        f" OR EXISTS (SELECT 1 FROM read.codes c WHERE c.project = r.project AND {seen('c')}"
        f" AND strpos(c.code, {wanted}) > 0))"
    )


def _signed_total() -> str:
    """Give the total investment of the last signing."""
    return (
        f"(SELECT g.total_investment FROM read.signings g WHERE g.project = r.project"
        f" AND {seen('g')} ORDER BY g.order_key DESC LIMIT 1)"
    )


def _signed_between(arguments: Arguments, prefix: str) -> list[str]:
    """Bound the day of the first signing, by the last day of a coarse date."""
    bounds = []
    if arguments.given(f"{prefix}signed_from"):
        bounds.append(f">= {arguments.bind(f'{prefix}signed_from', 'date')}")
    if arguments.given(f"{prefix}signed_to"):
        bounds.append(f"<= {arguments.bind(f'{prefix}signed_to', 'date')}")
    signed = (
        f"(SELECT g.day_to FROM read.signings g WHERE g.project = r.project AND {seen('g')}"
        " ORDER BY g.order_key LIMIT 1)"
    )
    return [f"{signed} {bound}" for bound in bounds]


def _listed(arguments: Arguments, prefix: str) -> list[str]:
    """Want one entry that fits year, level and class together."""
    names = ("level", "list_year", "class")
    if not any(arguments.given(prefix + name) for name in names):
        return []
    lists = any_of("p.level", arguments, f"{prefix}level")
    if arguments.given(f"{prefix}list_year"):
        lists += f" AND p.year = {arguments.bind(f'{prefix}list_year', 'integer')}"
    entered = any_of("e.class", arguments, f"{prefix}class")
    return [f"r.project IN (SELECT e.project FROM ({entries(lists)}) e WHERE {entered})"]
