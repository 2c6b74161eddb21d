"""The workbook for the standing meeting on major projects: which sheets, what each asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.engine import Engine
from api.request import Request

from domain.words import Words
from server.exports.tables import OperationTable, Wanted, request_of

TITLE = Words("重大项目推进会材料", "Major projects meeting")


@dataclass(frozen=True, slots=True)
class MeetingSheet:
    """One sheet: its title, what it asks, and which list of the answer it shows."""

    title: Words
    document: str
    rows: str | None = None


SHEETS: tuple[MeetingSheet, ...] = (
    MeetingSheet(
        Words("三色看板", "Three-colour board"),
        """query Board($region: [ID!]) {
  board(filter: { region: $region }) { region red yellow green grey total }
}""",
    ),
    MeetingSheet(
        Words("超期节点", "Overdue nodes"),
        """query Overdue($region: [ID!]) {
  overdue(filter: { region: $region }) {
    project { title code region enterprise totalInvestment { amount(unit: YI_YUAN) } }
    node planned forecast daysLate colour responsibleUnit responsiblePerson explain
  }
}""",
    ),
    MeetingSheet(
        Words("转化漏斗", "Funnel"),
        """query Funnel($region: [ID!]) {
  funnel(filter: { region: $region }) {
    phase entered rateFromPrevious { percent } rateFromFirst { percent }
  }
}""",
    ),
    MeetingSheet(
        Words("年度投资完成（按级别）", "Plan and actual by level"),
        """query PlanByLevel($region: [ID!], $year: Int!, $through: String!) {
  planActual(year: $year, through: $through, basis: STATISTICAL, groupBy: LEVEL,
             filter: { region: $region }) {
    key projects plan { amount(unit: YI_YUAN) } actual { amount(unit: YI_YUAN) }
    completion { percent } paceGapPp unreported
  }
}""",
    ),
    MeetingSheet(
        Words("年度投资完成（按板块）", "Plan and actual by district"),
        """query PlanByRegion($region: [ID!], $year: Int!, $through: String!) {
  planActual(year: $year, through: $through, basis: STATISTICAL, groupBy: REGION,
             filter: { region: $region }) {
    key projects plan { amount(unit: YI_YUAN) } actual { amount(unit: YI_YUAN) }
    completion { percent } paceGapPp unreported
  }
}""",
    ),
    MeetingSheet(
        Words("新建项目开工率", "Start rate of new projects"),
        """query StartRate($region: [ID!], $year: Int!) {
  startRate(year: $year, region: $region, bucket: MONTH) {
    on rate { numerator denominator percent } target met
  }
}""",
    ),
    MeetingSheet(
        Words("双比双看排名", "Ranking"),
        """query Ranking($region: [ID!], $period: String!) {
  ranking(period: $period, region: $region) {
    period published policy { id }
    rows { rank region score movement consecutiveFirst }
  }
}""",
        rows="rows",
    ),
    MeetingSheet(
        Words("分季度开工", "Starts by quarter"),
        """query Starts($region: [ID!], $from: Date!, $to: Date!) {
  starts(from: $from, to: $to, region: $region) {
    period starts totalInvestment { amount(unit: YI_YUAN) }
  }
}""",
        rows="",
    ),
    MeetingSheet(
        Words("未销号堵点", "Open issues"),
        """query Issues($region: [ID!]) {
  issues(open: true, filter: { region: $region }) {
    id project { title code region } category severity raisedOn due overdue owner
  }
}""",
    ),
    MeetingSheet(
        Words("拿地即开工", "Land and start"),
        """query LandAndStart($region: [ID!], $year: Int!) {
  landAndStart(year: $year, region: $region) {
    nodes {
      title code region
      leadTime(from: LAND_AWARDED, to: CONSTRUCTION_STARTED) { calendarDays workDays }
      permitBurst { on count }
    }
  }
}""",
    ),
)


@dataclass(frozen=True, slots=True)
class Meeting:
    """Which meeting: of which districts, over which year, about which round of the ranking."""

    on: date
    regions: tuple[str, ...] = ()
    year: int | None = None
    period: str | None = None

    def variables(self) -> dict[str, Any]:
        """Give what the sheets may ask for."""
        year = self.year or self.on.year
        last = min(self.on, date(year, 12, 31))
        return {
            "region": list(self.regions) or None,
            "year": year,
            "period": self.period or last_quarter(last),
            "through": f"{year}-{last.month:02d}" if last.year == year else f"{year}-12",
            "from": f"{year}-01-01",
            "to": f"{year}-12-31",
        }


def last_quarter(on: date) -> str:
    """Name the last quarter that is over on a day."""
    number = (on.month - 1) // 3
    # On its last day a quarter is over.
    if on.month % 3 == 0 and on.day >= _LAST_DAYS[on.month]:
        number += 1
    return f"{on.year}-Q{number}" if number else f"{on.year - 1}-Q4"


_LAST_DAYS = {3: 31, 6: 30, 9: 30, 12: 31}


def meeting_tables(
    engine: Engine, request: Request, meeting: Meeting, wanted: Wanted
) -> Sequence[OperationTable]:
    """Give the sheets as tables. Raises Refusal or Problem."""
    language = "zh" if request.language == "zh" else "en"
    known = meeting.variables()
    return [
        OperationTable(
            engine,
            request_of(request, sheet.document, _used(sheet.document, known)),
            wanted,
            title=getattr(sheet.title, language),
            rows=sheet.rows,
        )
        for sheet in SHEETS
    ]


def _used(document: str, known: Mapping[str, Any]) -> dict[str, Any]:
    """Give the variables that a document declares."""
    return {name: value for name, value in known.items() if f"${name}:" in document}
