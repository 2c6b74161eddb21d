"""Say in SQL what the facts of a project add up to: land, money, and which land counts."""

from projections.terms.policy_choice import chosen
from projections.terms.seen import last_seen, seen


def demanded(project: str) -> str:
    """Give the land demanded in the last pre-assessment, else intended at registration."""
    return (
        f"coalesce((SELECT a.demand_land_mu FROM read.admissions a WHERE a.project = {project}"
        f" AND a.act = 'submitted' AND {seen('a')} ORDER BY a.order_key DESC LIMIT 1),"
        f" {last_seen('projects', 'intended_land_mu', project)})"
    )


def supplied(project: str) -> str:
    """Add up the land of all awards; null without any."""
    return (
        f"(SELECT sum(l.area_mu) FROM read.land l WHERE l.project = {project}"
        f" AND l.act = 'awarded' AND {seen('l')})"
    )


def occupied(project: str) -> str:
    """Give the land that the last report of operations names, else the last premises."""
    return (
        f"coalesce({last_seen('operating_results', 'land_occupied_mu', project)},"
        f" {last_seen('premises', 'land_occupied_mu', project)})"
    )


def invested_total(project: str) -> str:
    """Give the total of the last signing, else what the last registration intends."""
    return (
        f"coalesce({last_seen('signings', 'total_investment', project)},"
        f" {last_seen('projects', 'intended_investment', project)})"
    )


def land_basis(project: str) -> str:
    """Give which land counts by the policy of the day: agreed, contract or occupied."""
    district = last_seen("projects", "district", project)
    rules = chosen("intensity", district, "$on", "p.rules ->> 'land'")
    return f"coalesce(({rules}), 'agreed')"


def signed_money(column: str, words: str, project: str, otherwise: str = "NULL::bigint") -> str:
    """Select an amount of the last signing that states it, or else another amount."""
    return (
        f"SELECT m.yuan, m.as_reported FROM (SELECT g.{column} AS yuan,"
        f" g.{words} AS as_reported, 1 AS place, g.order_key FROM read.signings g"
        f" WHERE g.project = {project} AND {seen('g')}"
        f" UNION ALL SELECT {otherwise}, NULL, 2, '') m"
        " WHERE m.yuan IS NOT NULL ORDER BY m.place, m.order_key DESC LIMIT 1"
    )


def total_money(project: str) -> str:
    """Select the total of the last signing that states it, else what was intended."""
    intended = last_seen("projects", "intended_investment", project)
    return signed_money("total_investment", "total_as_reported", project, intended)
