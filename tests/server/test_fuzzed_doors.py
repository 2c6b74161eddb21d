"""Whatever comes in at the doors for registers, batches and receipts is answered, and never 5xx."""

import json
import zipfile
from io import BytesIO
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.intake.events import event, registration

FEW = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
MAPPINGS = ["project-list", "monthly-investment", "start-register", "approval-status-log"]
STATUSES = ("accepted", "duplicate", "corrected", "superseded", "quarantined", "rejected")
HEADER = "项目代码,项目名称,行业代码,建设性质,年度计划投资（亿元）,计划开工时间,用地面积\n"
CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["/", "同上", "新建", "2024.6", "6月31日", "1e9", "#REF!", "=1+1", "１２", "-"]
    ),
    st.sampled_from(["2407-320582-89-01-729324", "2407-320582-89-01-729325"]),
    st.floats().map(str),
)


def answered(answer: Any) -> Any:
    """See to it that an answer is a proper one: never 5xx, and with a cure when it refuses."""
    assert answer.status_code < 500, (answer.status_code, answer.text)
    body = answer.json()
    if answer.status_code >= 400:
        assert body["code"]
        assert body["cure"]
    return body


@FEW
@given(body=st.binary(max_size=300), mapping=st.sampled_from([*MAPPINGS, "x", ""]))
def test_any_bytes_are_answered(common_writer, body, mapping):
    answered(common_writer.post("/registers", params={"mapping": mapping}, content=body))


@FEW
@given(rows=st.lists(st.lists(CELLS, min_size=7, max_size=7), max_size=6), dry=st.booleans())
def test_every_row_of_a_register_is_accounted_for(common_writer, rows, dry):
    lines = "".join(",".join(cell.replace(",", " ") for cell in row) + "\n" for row in rows)
    query = {"mapping": "project-list", "year": "2024", "dry_run": str(dry)}

    report = answered(
        common_writer.post("/registers", params=query, content=(HEADER + lines).encode("utf-8"))
    )

    if "rows" in report:
        assert report["rows"] == sum(report[status] for status in STATUSES)
        assert report["rows"] + sum(report["skipped"].values()) <= 3 * len(rows) + 3


@settings(FEW, max_examples=15)
@given(cut=st.integers(0, 3000), flip=st.integers(0, 255))
def test_a_damaged_workbook_is_refused(common_writer, cut, flip):
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>" * 30)
        archive.writestr("xl/workbook.xml", "<workbook/>" * 30)
    body = bytearray(packed.getvalue())
    body[cut % len(body)] ^= flip

    answer = common_writer.post("/registers?mapping=project-list", content=bytes(body))

    assert answered(answer)["code"] in {"unreadable_file", "unsafe_file", "missing_columns"}


@FEW
@given(said=st.text(st.characters(codec="utf-8"), min_size=1, max_size=20))
def test_any_name_of_a_batch_or_record_is_answered(common_writer, said):
    name = quote(said, safe="")
    for path in (f"/batches/{name}", f"/receipts/{name}/{name}", f"/receipts/a/{name}/b"):
        answered(common_writer.get(path))


@FEW
@given(
    key=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=300),
    batch=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=120),
)
def test_any_key_and_any_batch_are_answered(common_writer, key, batch):
    body = json.dumps(registration("fuzzed#1", subject="project/fuzzed")).encode()
    headers = {
        "Content-Type": "application/x-ndjson",
        "Idempotency-Key": key,
        "Ledger-Batch": batch,
    }
    answered(common_writer.post("/events", content=body, headers=headers))


@pytest.mark.parametrize("depth", [50, 200, 400, 900, 5_000, 100_000])
def test_a_deep_correction_is_kept_or_refused_and_harms_no_neighbour(common_writer, project, depth):
    deep = json.dumps(event("EventCorrected", f"{project}-k", {"payload": {"x": "DEEP"}}))
    nested = "[" * depth + '{"officers": ["张三"]}' + "]" * depth
    deep = deep.replace('"DEEP"', nested).replace(
        '"subject"', '"corrects": "source:approval/none", "reason": "r", "subject"'
    )
    good = json.dumps(registration(f"{project}-r", subject=f"project/{project}"))

    answer = common_writer.post(
        "/events",
        content=f"{deep}\n{good}\n".encode(),
        headers={"Content-Type": "application/x-ndjson"},
    )

    first, second = [one["status"] for one in answered(answer)["receipts"]]
    assert first in {"quarantined", "rejected"}
    assert second == "accepted"
