"""The official CloudEvents SDK sends facts in every form it knows."""

from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.core.bindings.http import (
    to_binary_event,
    to_structured_event,
)
from cloudevents.core.v1.event import CloudEvent
from cloudevents.v1.conversion import to_binary, to_structured
from cloudevents.v1.http import CloudEvent as EarlierEvent

from tests.intake.events import REGISTERED


def attributes(project: str) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"{project}#1",
        "source": "/sources/approval",
        "type": "ProjectRegistered",
        "subject": f"project/{project}",
        "occurredon": "2024-06-11",
        "time": datetime(2024, 6, 12, tzinfo=UTC),
    }


@pytest.mark.parametrize("convert", [to_structured_event, to_binary_event])
def test_the_sdk_sends_one_event_in_either_mode(common_writer, project, convert):
    message = convert(CloudEvent(attributes(project), dict(REGISTERED)))

    answer = common_writer.post("/events", content=message.body, headers=message.headers)

    assert answer.status_code == 200, answer.text
    assert [one["status"] for one in answer.json()["receipts"]] == ["accepted"]


@pytest.mark.parametrize("convert", [to_structured, to_binary])
def test_the_sdk_before_it_sends_the_same(common_writer, project, convert):
    said = attributes(project)
    headers, body = convert(EarlierEvent(said | {"time": said["time"].isoformat()}, REGISTERED))

    answer = common_writer.post("/events", content=body, headers=headers)

    assert [one["status"] for one in answer.json()["receipts"]] == ["accepted"]
