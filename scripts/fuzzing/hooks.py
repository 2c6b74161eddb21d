"""Tell schemathesis how our scalars are written, rightly and wrongly, and what a fault is."""

import json
import re
from typing import Any

import schemathesis
from graphql import IntValueNode, StringValueNode
from hypothesis import strategies as st

TEXTS = {
    "Date": ["2024-06-30", "2024-12-31", "2024-02-30", "9999-12-31", "0001-01-01", "x"],
    "DateTime": [
        "2024-06-30T23:59:59+08:00",
        "2024-01-01T00:00:00.5Z",
        "0001-01-01T00:00:00+14:00",
    ],
    "Decimal": ["1.5", "0", "-1", "9" * 40, "1e5", ""],
    "FlexDate": ["2024-06", "2024-Q1", "2022", "2024-13"],
}
FAULTS = frozenset({"INTERNAL_SERVER_ERROR", "UNAVAILABLE", "TIMEOUT", "MISSING_VALUE"})
LOWEST_SERVER_ERROR = 500
_WAITING = re.compile(r"atLeast: \d+")

for name, texts in TEXTS.items():
    nodes = st.sampled_from([StringValueNode(value=text) for text in texts])
    schemathesis.graphql.scalar(name, nodes)
numbers = st.integers().map(lambda number: IntValueNode(value=str(number)))
schemathesis.graphql.scalar("JSON", numbers)


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Let no question wait for a position that nobody will reach."""
    del context, kwargs
    if isinstance(case.body, str):
        case.body = _WAITING.sub("atLeast: 1", case.body)


@schemathesis.check
def no_fault(context: Any, response: Any, case: Any) -> None:
    """Every answer is JSON, none is a server error, and no error says that the fault is ours."""
    del context, case
    assert response.status_code < LOWEST_SERVER_ERROR, response.status_code
    answer = json.loads(response.content)
    codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
    assert not codes & FAULTS, codes
