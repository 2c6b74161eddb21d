"""Keep which rules projects break by their own facts, once all that is known of them has happened.

These findings hold on every day from the last of those facts on, which a life has as `seen_by`; on
earlier days they are looked for anew. Findings follow from nothing but facts: no policy judges
them.
"""

import re
from typing import Final

from projections.judging.findings import own_findings
from projections.judging.order_cases import cases_of
from projections.judging.reach import unrestricted
from projections.terms.seen import believed

CREATE: Final = """
CREATE TABLE IF NOT EXISTS read.findings (
    project text COLLATE "C" NOT NULL,
    language text NOT NULL,
    rule text NOT NULL,
    severity text NOT NULL,
    result text NOT NULL,
    phase_id text,
    message text NOT NULL,
    exemption text,
    positions bigint[] NOT NULL,
    known_from bigint NOT NULL,
    known_to bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS findings_project ON read.findings (project, known_to);
"""

FINDING: Final = (
    *("project", "rule", "severity", "result", "phase_id", "message", "exemption", "positions"),
)
FINDING_COLUMNS: Final = ("language", *FINDING[1:])

_NAMES = ", ".join(FINDING)
_SCOPE = f"""SELECT row_number() OVER ()::integer AS n, p.project, p.district,
        'infinity'::date AS day, 'infinity'::date AS cut
    FROM (SELECT DISTINCT ON (r.project) r.project, r.district FROM read.projects r
        WHERE r.project = ANY ($2::text[]) AND {believed("r")}
        ORDER BY r.project, r.order_key DESC) p"""


def _told_in(language: str) -> str:
    """Select all findings in a language."""
    return own_findings().replace("$language", f"'{language}'")


# What is found at all is found in one language; only that is looked for once more in the other.
FINDINGS: Final = unrestricted(f"""{cases_of(_SCOPE)},
found_zh AS MATERIALIZED (SELECT f.* FROM ({_told_in("zh")}) f),
found_en AS MATERIALIZED (
    SELECT f.* FROM (WITH scope AS (SELECT s.* FROM scope s
            WHERE s.project IN (SELECT z.project FROM found_zh z))
        {_told_in("en")}) f),
fresh_finding AS MATERIALIZED (
    SELECT f.project, 'zh' AS language, {_NAMES.removeprefix("project, ")} FROM found_zh f
    UNION ALL
    SELECT f.project, 'en', {_NAMES.removeprefix("project, ")} FROM found_en f)""")
"""The findings of the projects $2, as `fresh_finding`."""

_OF_STREAMS = "requests"
BY_PROJECT: Final = tuple(
    sorted(set(re.findall(r"read\.(\w+)", FINDINGS)) - {_OF_STREAMS, "arrivals"})
)
"""The read models of projects that findings depend on, beside requests and their arrivals."""

# The schema in quotation marks means the whole table where the copy of a page lacks projects.
_WHOLE = {"investments": '"read".investments'}
_DAYS = " UNION ALL ".join(
    f"""SELECT x.project, x.day_to FROM {_WHOLE.get(table, f"read.{table}")} x
        WHERE x.project = ANY ($2::text[]) AND {believed("x")}"""
    for table in BY_PROJECT
)
SEEN_BY: Final = f"""SELECT d.project, max(d.day) AS day FROM ({_DAYS}
        UNION ALL SELECT substr(x.stream, 9), x.day_to FROM read.{_OF_STREAMS} x
        WHERE x.stream = ANY (ARRAY(SELECT 'project/' || p.project
            FROM unnest($2::text[]) AS p (project))) AND {believed("x")}) d (project, day)
    GROUP BY d.project"""
"""Selects the day by which everything about the projects $2 is seen."""
