"""Invent projects that also have permit cases and evaluations, for the questions of dashboards."""

from collections.abc import Iterator
from datetime import date, timedelta

from server.bench.portfolio import Portfolio
from server.bench.told import Told

_CASES = (
    ("land_use_planning_permit", "自然资源和规划局"),
    ("works_planning_permit", "自然资源和规划局"),
    ("drawing_review_certificate", "住房和城乡建设局"),
)
_ACCEPTED, _APPROVED = 3, 11
_EVALUATED = date(2025, 3, 3)


class Furnished(Portfolio):
    """A portfolio whose projects have three cases each, and some an evaluation."""

    def life(self, stream: str, number: int) -> Iterator[Told]:
        """Tell one project, its permit cases and its evaluation."""
        yield from super().life(stream, number)
        for place, (permit, department) in enumerate(_CASES):
            for status, days in ((_ACCEPTED, 0), (_APPROVED, 7)):
                payload = {
                    "case_no": f"case-{number}-{place}",
                    "permit_kind": permit,
                    "department": department,
                    "status": status,
                    "simulated": False,
                    "deadline_workdays": 10,
                    "source_serial": f"{number}-{place}-{status}",
                }
                day = date(2024, 1, 8) + timedelta(days=number % 50 + 10 * place + days)
                yield self.fact("PermitStatusReported", stream, day, payload)
        if number % 2 == 0:
            payload = {
                "evaluation_id": f"evaluation-{number}",
                "checkpoint": "commissioning+12",
                "policy": "post-evaluation/default@1",
                "agreed": {"investment_intensity": {"value": "400", "unit": "万元/亩"}},
                "actual": {"investment_intensity": {"value": "390", "unit": "万元/亩"}},
                "scores": {"investment_intensity": {"points": "97.5"}},
                "total": "97.5",
                "grade": "A",
            }
            yield self.fact("PostEvaluationCompleted", stream, _EVALUATED, payload)
