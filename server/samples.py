"""Three questions to begin with, asked of the running ledger."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson
from api.engine import Engine, Request


@dataclass(frozen=True, slots=True)
class Sample:
    """A question in words and in GraphQL."""

    words: str
    query: str


SAMPLES = (
    Sample(
        "What was promised for 2024 in Zhangjiagang, and what was delivered by December?",
        """{
  planActual(year: 2024, through: "2024-12", basis: STATISTICAL, groupBy: LEVEL,
             filter: {region: ["320582"]}) {
    key
    projects
    plan { amount(unit: YI_YUAN) }
    actual { amount(unit: YI_YUAN) }
    completion { percent }
  }
}""",
    ),
    Sample(
        "Which projects started as soon as they had their land?",
        """{
  landAndStart(year: 2024, region: ["320582"]) {
    totalCount
    nodes { id title leadTime(from: LAND_AWARDED, to: CONSTRUCTION_STARTED) { calendarDays } }
  }
}""",
    ),
    Sample(
        "Who said last what about one of them, and on what evidence?",
        """{
  events(types: ["ConstructionStarted"], first: 2) {
    totalCount
    nodes { occurredOn recordedAt actor { name org } source { system recordId } evidence { title } }
  }
}""",
    ),
)


async def answered(engine: Engine) -> AsyncIterator[tuple[Sample, Any]]:
    """Ask all samples and give each with its answer."""
    for sample in SAMPLES:
        answer = await engine.answer(Request(sample.query))
        yield sample, orjson.loads(answer.body)
