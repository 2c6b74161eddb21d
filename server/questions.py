"""Questions to begin with, in words and in GraphQL, about what the demonstration records."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """A question in English, in Chinese and in GraphQL."""

    english: str
    chinese: str
    query: str


FIRST = (
    Question(
        "What was promised for 2024 in Zhangjiagang, and what was delivered?",
        "张家港2024年计划投资多少，完成多少？",
        """{
  planActual(year: 2024, through: "2024-12", basis: STATISTICAL, groupBy: LEVEL,
             filter: { region: ["320582"] }) {
    key projects plan { amount(unit: YI_YUAN) } actual { amount(unit: YI_YUAN) }
    completion { percent }
  }
}""",
    ),
    Question(
        "Which projects started as soon as they had their land?",
        "哪些项目做到了拿地即开工？",
        """{
  landAndStart(year: 2024, region: ["320582"], first: 3) {
    totalCount
    nodes { title leadTime(from: LAND_AWARDED, to: CONSTRUCTION_STARTED) { calendarDays } }
  }
}""",
    ),
    Question(
        "Who said that the Kecai project has its land, and when did they say so?",
        "科彩项目取得土地，是谁在何时上报的？",
        """{
  projects(filter: { text: "科彩" }) {
    nodes {
      title phase
      events(types: ["LandAwarded", "ConstructionStarted"]) {
        nodes { type occurredOn recordedAt actor { name org } evidence { title } }
      }
    }
  }
}""",
    ),
)
"""What the demonstration answers by itself."""

MORE = (
    Question(
        "How many projects are red, yellow and green at the end of 2024?",
        "2024年底各地红、黄、绿项目各有多少？",
        """{
  board(asOf: { on: "2024-12-31" }) { region red yellow green grey total }
}""",
    ),
    Question(
        "What is overdue in Wujin, by how many days, and in whose charge?",
        "武进哪些节点超期，超期几天，由谁负责？",
        """{
  overdue(filter: { region: ["320412"] }, asOf: { on: "2024-10-31" }, minDaysLate: 1) {
    project { title } node planned daysLate responsibleUnit explain
  }
}""",
    ),
    Question(
        "Who moved a date, so that a project changed its colour?",
        "谁调整了计划，项目因此变色？",
        """{
  colourChanges(filter: { region: ["320412"] }, from: "2024-01-01", to: "2024-12-31") {
    on from to project { title } cause { type reason actor { org } }
  }
}""",
    ),
    Question(
        "What was believed at the end of 2024, and what is known today?",
        "2024年底当时掌握的投资完成情况，与今天所知有何不同？",
        """{
  believed: planActual(year: 2024, through: "2024-12", basis: STATISTICAL, groupBy: LEVEL,
                       asOf: { known: "2024-12-31T23:59:59+08:00", on: "2024-12-31" }) {
    key actual { amount(unit: YI_YUAN) } completion { percent }
  }
  known: planActual(year: 2024, through: "2024-12", basis: STATISTICAL, groupBy: LEVEL,
                    asOf: { on: "2024-12-31" }) {
    key actual { amount(unit: YI_YUAN) } completion { percent }
  }
}""",
    ),
    Question(
        "How long does it take from the award of land to the start of construction?",
        "从摘牌到开工需要多少天？",
        """{
  leadTimes(from: LAND_AWARDED, to: CONSTRUCTION_STARTED, filter: { region: ["320582"] }) {
    n median p90 histogram(bins: 10) { from to count }
  }
}""",
    ),
    Question(
        "Which rules of order were broken, and on what evidence?",
        "哪些项目违反了办理次序，依据是什么？",
        """{
  deviations(filter: { region: ["320412", "320582"] }) {
    rule severity message exemption events { type occurredOn }
  }
}""",
    ),
    Question(
        "Does the start rate of Zhenjiang keep to its targets, month by month?",
        "镇江新建项目开工率逐月是否达到目标？",
        """{
  startRate(year: 2025, levels: [MUNICIPAL], region: ["3211"], bucket: MONTH) {
    on rate { numerator denominator percent } target met
  }
}""",
    ),
    Question(
        "How far did the projects come that were signed in 2024?",
        "2024年签约的项目走到了哪一步？",
        """{
  funnel(filter: { region: ["320582"], signedFrom: "2024-01-01", signedTo: "2024-12-31" },
         asOf: { on: "2024-12-31" }) {
    phase entered rateFromPrevious { percent } rateFromFirst { percent }
  }
}""",
    ),
)
"""What else the first page offers."""
