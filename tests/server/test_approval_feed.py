"""The status log of the national exchange tables arrives late, twice, revised and out of order."""

import csv
import io
import itertools
from typing import Any

from starlette.testclient import TestClient

COLUMNS = [
    *("xzqhdm", "dfsjzj", "lsh", "gxsj", "xmdm", "gcdm", "spsxslbm", "spsxmc", "spbmmc"),
    *("blzt", "blyj", "blsj", "spsxbljssx", "sjyxbs", "sjwxyy", "qjdgcdm"),
]
STATUSES = ("accepted", "duplicate", "corrected", "superseded", "quarantined", "rejected")
_numbers = itertools.count(200_000)


def row(code: str, key: object, status: object, day: str, **more: object) -> dict[str, object]:
    """Give a row of the log as the exchange database exports it."""
    return {
        "xzqhdm": "320582",
        "dfsjzj": f"{code[-6:]}-{key}",
        "lsh": f"L{key}",
        "gxsj": f"{day} 17:00:00",
        "xmdm": code,
        "gcdm": "",
        "spsxslbm": f"SGXK-{code[-6:]}",
        "spsxmc": "建筑工程施工许可证核发",
        "spbmmc": "住房和城乡建设局",
        "blzt": status,
        "blyj": "",
        "blsj": f"{day} 09:00:00",
        "spsxbljssx": 5,
        "sjyxbs": 1,
        "sjwxyy": "",
    } | more


def send(client: TestClient, rows: list[dict[str, object]], name: str = "status-log") -> Any:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    answer = client.post(f"/registers?mapping=approval-{name}", content=text.getvalue().encode())
    assert answer.status_code == 200, answer.text
    return answer.json()


def counted(report: Any) -> dict[str, int]:
    return {status: report[status] for status in STATUSES if report[status]}


def registered(client: TestClient) -> str:
    """Register a project with a code of its own."""
    code = f"2407-320582-89-01-{next(_numbers)}"
    lines = f"项目代码,项目名称,行业代码,建设性质,年度计划投资(亿元)\n{code},甲,3391,新建,1\n"
    answer = client.post(
        "/registers?mapping=project-list&year=2024", content=lines.encode("gb18030")
    )
    assert counted(answer.json()) == {"accepted": 1}, answer.text
    return code


def permit_of(client: TestClient, code: str, position: int) -> Any:
    query = (
        "query ($c: String!, $p: Int) { project(code: $c, atLeast: $p)"
        " { permits { kind caseNo status workdaysUsed deadlineWorkdays } } }"
    )
    variables = {"c": code, "p": position}
    answer = client.post("/graphql", json={"query": query, "variables": variables}).json()
    [permit] = answer["data"]["project"]["permits"]
    return permit


def test_the_clock_stands_still_during_corrections_and_special_procedures(common_writer):
    code = registered(common_writer)
    rows = [
        row(code, 1, 1, "2024-06-03"),
        row(code, 2, 8, "2024-06-04"),
        row(code, 3, 6, "2024-06-05"),
        row(code, 4, 7, "2024-06-11"),
        row(code, 5, 9, "2024-06-12"),
        row(code, 6, 10, "2024-06-18"),
        row(code, 7, 11, "2024-06-19"),
    ]

    # However it is mixed up, what counts is when each status was reached.
    report = send(common_writer, rows[::-1])

    assert counted(report) == {"accepted": 7}
    permit = permit_of(common_writer, code, report["position"])
    assert (permit["kind"], permit["status"]) == ("construction_permit", 11)
    assert permit["deadlineWorkdays"] == 5
    in_order = registered(common_writer)
    other = send(
        common_writer,
        [
            one | row(in_order, at, one["blzt"], str(one["blsj"])[:10])
            for at, one in enumerate(rows)
        ],
    )
    same = permit_of(common_writer, in_order, other["position"])
    assert same["workdaysUsed"] == permit["workdaysUsed"]
    assert permit["workdaysUsed"] < 12


def test_rows_come_twice_late_and_revised(common_writer):
    code = registered(common_writer)
    first, later = row(code, 1, 8, "2024-06-04"), row(code, 1, 8, "2024-06-04")
    later |= {"gxsj": "2024-06-06 08:00:00", "blyj": "补登意见"}

    assert counted(send(common_writer, [first, first])) == {"accepted": 1, "duplicate": 1}
    assert counted(send(common_writer, [later])) == {"corrected": 1}
    assert counted(send(common_writer, [first])) == {"duplicate": 1}
    earlier = first | {"gxsj": "2024-06-05 00:00:00", "blyj": "旧"}
    assert counted(send(common_writer, [earlier])) == {"superseded": 1}


def test_a_row_that_became_invalid_takes_back_what_it_said(common_writer):
    code = registered(common_writer)
    send(common_writer, [row(code, 1, 8, "2024-06-04"), row(code, 2, 13, "2024-06-05")])
    taken_back = row(code, 2, 13, "2024-06-06", sjyxbs=0, sjwxyy="误报")

    report = send(common_writer, [taken_back])

    assert counted(report) == {"accepted": 1}
    assert permit_of(common_writer, code, report["position"])["status"] == 8


def test_every_status_is_known_and_no_other(common_writer):
    code = registered(common_writer)
    rows = [row(code, status, status, "2024-06-04") for status in range(1, 16)]
    rows += [row(code, 16, 16, "2024-06-04"), row(code, 17, "受理", "2024-06-04")]

    report = send(common_writer, rows)

    assert counted(report) == {"accepted": 16, "rejected": 1}
    assert report["problems"][0]["code"] == "unknown_value"


def test_without_a_primary_key_of_its_own_a_row_is_known_by_its_serial(common_writer):
    code = registered(common_writer)
    rows = [row(code, 1, 8, "2024-06-04", dfsjzj="", lsh=f"S{code}")]

    assert counted(send(common_writer, rows)) == {"accepted": 1}
    found = common_writer.get(
        f"/receipts/works-approval/approval-status-log/PermitStatusReported/320582|S{code}"
    ).json()
    assert [receipt["status"] for receipt in found["receipts"]] == ["accepted"]
    assert found["receipts"][0]["record_version"] == "2024-06-04T17:00:00+08:00"


def test_a_status_of_an_unknown_engineering_waits_in_the_quarantine(common_writer):
    rows = [row("", 1, 8, "2024-06-04", dfsjzj=f"w{next(_numbers)}", gcdm="GC-UNKNOWN")]

    report = send(common_writer, rows)

    assert counted(report) == {"quarantined": 1}
    assert report["problems"][0]["value"] == "source:works-approval/GC-UNKNOWN"


def test_the_engineering_codes_of_each_stage_lead_to_the_project(common_writer):
    code = registered(common_writer)
    first, second = f"GC1-{code[-6:]}", f"GC2-{code[-6:]}"
    early = row(code, 1, 8, "2024-06-04", xmdm="", gcdm=first)
    assert counted(send(common_writer, [early])) == {"quarantined": 1}

    linked = send(common_writer, [stage(first, code)], "engineering")
    assert counted(linked) == {"accepted": 1}
    assert counted(send(common_writer, [early])) == {"duplicate": 1}
    next_stage = stage(second, "", qjdgcdm=first)
    assert counted(send(common_writer, [next_stage], "engineering")) == {"accepted": 1}
    report = send(common_writer, [row(code, 2, 11, "2024-06-06", xmdm="", gcdm=second)])

    assert counted(report) == {"accepted": 1}
    permit = permit_of(common_writer, code, report["position"])
    assert (permit["status"], permit["workdaysUsed"]) == (11, 2)


def stage(engineering: str, project: str, **more: object) -> dict[str, object]:
    """Give a row of the engineering base."""
    return {
        "xzqhdm": "320582",
        "dfsjzj": engineering,
        "lsh": engineering,
        "gxsj": "2024-06-05 10:00:00",
        "xmdm": project,
        "gcdm": engineering,
    } | more
