"""Write CloudEvents for tests."""

from typing import Any

REGISTERED = {
    "title": "Container corner castings",
    "district": "320582",
    "industry_gb4754": "3391",
    "stage": "negotiating",
}


def event(
    kind: str, record: str, data: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    """Give a CloudEvent of the works-approval system, of project/p1 unless told otherwise."""
    return {
        "specversion": "1.0",
        "type": kind,
        "source": "/sources/approval",
        "id": record,
        "subject": "project/p1",
        "occurredon": "2024-06-11",
        "data": {} if data is None else data,
    } | more


def registration(record: str = "r1", **more: Any) -> dict[str, Any]:
    """Give the registration of project/p1."""
    return event("ProjectRegistered", record, dict(REGISTERED), **more)


def delivered(record: str = "d1", **more: Any) -> dict[str, Any]:
    """Give a small fact about project/p1."""
    return event("LandDelivered", record, {"parcel_id": "2024-A-7"}, **more)
