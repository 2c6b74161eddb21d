"""The identities that were found to be one."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from domain.identity import LINK, named
from projections.folding.payload import text
from projections.folding.projection import Column, FactView
from projections.terms.seen import believed


class Identities(FactView):
    """One row an identity that was absorbed (身份合并): of a project, an enterprise or a parcel.

    `project` is the one that is kept in the end, where the link is about projects. A name that
    another project bore has a row, and so has that project.
    """

    name = "identities"
    version = 2
    subject = "stream"
    kinds = frozenset({LINK})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("project", 'text COLLATE "C"'),
        Column("subject_kind", "text NOT NULL"),
        Column("keep", 'text COLLATE "C" NOT NULL'),
        Column("absorbed", 'text COLLATE "C" NOT NULL'),
        Column("confidence", "text"),
    )
    indexes = ("(absorbed)", "(project)", "(keep)")

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give each identity with the one that stands for it."""
        payload = fact.payload
        kind = text(payload, "kind")
        kept = fact.stream.partition("/")[2] if kind == "project" else text(payload, "keep")
        for absorbed in payload["absorb"]:
            yield fact.project, kind, kept, named(str(absorbed)), text(payload, "confidence")


def kept_projects(candidates: str) -> str:
    """Select ids of projects with those kept for them; `candidates` selects one column of names."""
    return (
        f"SELECT c.name AS project FROM ({candidates}) c (name) UNION SELECT i.project"
        f" FROM ({candidates}) c (name) JOIN read.identities i ON i.absorbed = c.name"
        f" WHERE i.subject_kind = 'project' AND {believed('i')}"
    )


def streams_of(project: str) -> str:
    """Select the streams in which the facts of a project lie: its own and those absorbed."""
    return (
        f"SELECT 'project/' || {project} UNION ALL SELECT 'project/' || i.absorbed"
        f" FROM read.identities i WHERE i.project = {project} AND i.subject_kind = 'project'"
        f" AND {believed('i')}"
    )


def among(project: str, projects: str) -> str:
    """Give the condition that a project, or one it absorbed, is among some names; none means any.

    `projects` is an SQL array of ids.
    """
    return (
        f"({projects} IS NULL OR {project} = ANY ({projects}) OR EXISTS (SELECT 1"
        f" FROM read.identities k WHERE k.project = {project} AND k.subject_kind = 'project'"
        f" AND k.absorbed = ANY ({projects}) AND {believed('k')}))"
    )


def called(name: str, kind: str) -> str:
    """Give what an enterprise or a parcel is called in the end, itself if nothing absorbed it."""
    kept = (
        f"SELECT i.keep FROM read.identities i WHERE i.absorbed = {name}"
        f" AND i.subject_kind = '{kind}' AND {believed('i')} ORDER BY i.order_key DESC LIMIT 1"
    )
    # Looked at once for all rows; where nothing was ever linked, none is looked up.
    is_any = f"EXISTS (SELECT FROM read.identities i WHERE i.subject_kind = '{kind}')"
    return f"coalesce(CASE WHEN {is_any} THEN ({kept}) END, {name})"


VIEW = Identities()
