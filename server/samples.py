"""Three questions to begin with, asked of the running ledger."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson
from api.engine import Engine, Request

WIDTH = 100
"""Letters of a line."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A question in words and in GraphQL."""

    words: str
    query: str


SAMPLES = (
    Sample(
        "What was promised for 2024 in Zhangjiagang, and what was delivered?",
        """{
  planActual(year: 2024, through: "2024-12", basis: STATISTICAL, groupBy: LEVEL,
             filter: { region: ["320582"] }) {
    key projects plan { amount(unit: YI_YUAN) } actual { amount(unit: YI_YUAN) }
    completion { percent }
  }
}""",
    ),
    Sample(
        "Which projects started as soon as they had their land?",
        """{
  landAndStart(year: 2024, region: ["320582"], first: 3) {
    totalCount
    nodes { title leadTime(from: LAND_AWARDED, to: CONSTRUCTION_STARTED) { calendarDays } }
  }
}""",
    ),
    Sample(
        "Who said that the Kecai project has its land, and when did they say so?",
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


async def answered(engine: Engine) -> AsyncIterator[tuple[Sample, str]]:
    """Ask all samples and give each with its answer, laid out for reading."""
    for sample in SAMPLES:
        answer = orjson.loads((await engine.answer(Request(sample.query))).body)
        (data,) = (answer.get("data") or {"errors": answer}).values()
        yield sample, "\n".join(laid_out(data))


def laid_out(value: Any, lead: str = "", indent: int = 0) -> list[str]:
    """Lay JSON out in lines; what fits into one line stands in one."""
    text = json.dumps(value, ensure_ascii=False)
    margin = " " * indent
    if indent + len(lead) + len(text) <= WIDTH or not isinstance(value, dict | list):
        return [f"{margin}{lead}{text}"]
    members = (
        [(f'"{name}": ', member) for name, member in value.items()]
        if isinstance(value, dict)
        else [("", member) for member in value]
    )
    lines = [f"{margin}{lead}{text[0]}"]
    for place, (name, member) in enumerate(members, 1):
        lines += laid_out(member, name, indent + 2)
        lines[-1] += "," if place < len(members) else ""
    return [*lines, f"{margin}{text[-1]}"]
