"""Describe what webhooks are told of changes, topic by topic, with an example of each."""

from typing import Any, Final

from server.event_schemas import Schema

_TEXT: Schema = {"type": "string"}
_MAYBE: Schema = {"type": ["string", "null"]}
_PROJECT: Schema = {
    "type": "object",
    "required": ["id", "code", "title", "region"],
    "properties": {"id": _TEXT, "code": _MAYBE, "title": _TEXT, "region": _TEXT},
}
_COMMON: dict[str, Schema] = {
    "number": {"type": "integer", "minimum": 1, "description": "Counts changes, from 1."},
    "subject": {"type": "string", "description": "What it is about; it stands once at a time."},
    "region": {"type": ["string", "null"], "description": "Where that lies."},
    "position": {"type": "integer", "description": "The last event that was known."},
    "judgedOn": {"type": "string", "format": "date", "description": "The day that was judged."},
}
_TOLD: Final[dict[str, tuple[str, dict[str, Schema]]]] = {
    "project.red": ("A project turned red · 项目亮红灯", {"project": _PROJECT}),
    "promise.overdue": (
        "A promised day has passed without being kept · 承诺节点到期未完成",
        {
            "project": _PROJECT,
            "phaseId": _MAYBE,
            "node": _TEXT,
            "planned": _MAYBE,
            "responsibleUnit": _MAYBE,
        },
    ),
    "figure.drifted": (
        "A published figure would be another one today · 已发布数据出现偏差",
        {"round": _TEXT, "period": _TEXT, "path": _TEXT, "old": {}, "new": {}},
    ),
}
_PLANT = {"id": "p1", "code": None, "title": "Container corner castings", "region": "320582"}
_EXAMPLES: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "project.red": ("p1", {"project": _PLANT}),
    "promise.overdue": (
        "p1//LAND_AWARDED/2024-06-30",
        {
            "project": _PLANT,
            "phaseId": None,
            "node": "LAND_AWARDED",
            "planned": "2024-06-30",
            "responsibleUnit": "大新镇",
        },
    ),
    "figure.drifted": (
        "R-1/rows.320582.metrics.starts.raw=0",
        {
            "round": "R-1",
            "period": "2024-Q1",
            "path": "rows.320582.metrics.starts.raw",
            "old": "5",
            "new": "0",
        },
    ),
}


def meaning_of(topic: str) -> str:
    """Say what a change is, in both languages."""
    return _TOLD[topic][0]


def message_of(topic: str) -> Schema:
    """Give the schema of the body that tells of a change."""
    properties = {**_COMMON, **_TOLD[topic][1]}
    data = {"type": "object", "required": sorted(properties), "properties": properties}
    return {
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"const": topic},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": data,
        },
    }


def example_of(topic: str) -> dict[str, Any]:
    """Give the body that tells of a change."""
    subject, told = _EXAMPLES[topic]
    data = {"number": 7, "subject": subject, "region": "320582", "position": 1200}
    return {
        "type": topic,
        "timestamp": "2024-07-01T00:00:05.000000Z",
        "data": {**data, "judgedOn": "2024-07-01", **told},
    }
