"""The command line says what happened, to people and to programs, and ends with the right code."""

import asyncio
import json
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from ledger.clock import utc_now
from ledger.ledger import Ledger
from server.commands.serving import announce_as_json
from server.settings import Settings
from tests.intake.events import delivered, event, registration
from tests.ledger.conftest import make_fact
from tests.server.shell import shell

__all__ = ["shell"]


def lines(*events: dict[str, Any]) -> str:
    return "\n".join(json.dumps(each, ensure_ascii=False) for each in events)


def test_a_file_is_one_batch_whose_receipts_can_be_asked_for(shell):
    broken = "{no json"
    path = shell.file(lines(registration(), delivered()) + "\n" + broken)

    appended = shell("append", path)
    batch = appended.stderr.strip().splitlines()[-1].removeprefix("batch ")
    told = shell.json("batch", "show", batch)

    assert (told["rows"], told["accepted"], told["rejected"]) == (3, 2, 1)
    assert told["file_name"] == "facts.json"
    assert shell("append", shell.file("")).stderr == ""


@pytest.mark.parametrize(
    "content",
    [
        lines(registration(), delivered()),
        "\ufeff\n" + lines(registration(), delivered()) + "\n\n",
        json.dumps([registration(), delivered()]),
        json.dumps([registration(), delivered()], indent=2),
    ],
)
def test_facts_are_appended_from_lines_and_from_arrays(shell, content):
    result = shell("append", shell.file(content))

    assert result.exit_code == 0, result.output
    assert "2 facts: 2 accepted" in result.stdout


def test_one_fact_may_be_spread_over_several_lines(shell):
    result = shell("append", "-", stdin=json.dumps(registration(), indent=2).encode())

    assert result.exit_code == 0, result.output
    assert "1 facts: 1 accepted" in result.stdout


def test_what_is_refused_is_shown_and_ends_with_code_1(shell):
    stdin = lines(registration(), delivered(id=None), delivered(occurredon="2999")).encode()

    for_people = shell("append", stdin=stdin)
    for_programs = shell("append", "--json", stdin=stdin + b"\n{broken\n")

    assert for_people.exit_code == for_programs.exit_code == 1
    assert "missing_field" in for_people.stdout
    assert "1 accepted, 1 quarantined, 1 rejected" in for_people.stdout
    receipts = [json.loads(line) for line in for_programs.stdout.splitlines()]
    assert [receipt["status"] for receipt in receipts] == [
        "duplicate",
        "rejected",
        "quarantined",
        "rejected",
    ]


def test_an_empty_input_is_nothing(shell):
    result = shell("append", stdin=b"")

    assert (result.exit_code, result.stdout.strip()) == (0, "No facts in the input.")


def test_the_history_tells_who_why_and_what_became_of_it(shell):
    shell(
        "append",
        stdin=lines(
            registration(),
            delivered("d#1"),
            delivered("d#2", occurredon="2024-06-12"),
            delivered("d#0"),
            delivered("wrong"),
            event("EventRetracted", "x", reason="另一项目", corrects="source:approval/wrong"),
        ).encode(),
    )

    found = shell.json("history", "p1", "--on", "2024-06-30")
    shown = shell("history", "project/p1").stdout

    assert [each["fate"] for each in found["events"]] == [
        None,
        "corrected",
        None,
        "retracted",
        None,
    ]
    assert found["events"][4]["reason"] == "另一项目"
    assert [each["record_version"] for each in found["superseded"]] == ["0"]
    assert found["state"]["title"] == "Container corner castings"
    milestones = {each["node"]: each["actual"] for each in found["state"]["milestones"]}
    assert milestones["land_delivered"] == "2024-06-12"
    assert "retracted" in shown
    assert "另一项目" in shown


def test_the_history_is_cut_by_both_clocks(shell):
    shell("append", stdin=lines(registration(), delivered()).encode())

    unknown_yet = shell.json("history", "p1", "--known", "2024-12-31")
    before = shell.json("history", "p1", "--on", "2024-06-10")

    assert (unknown_yet["known_position"], unknown_yet["on"]) == (0, "2024-12-31")
    assert unknown_yet["events"] == []
    assert len(before["events"]) == 2
    assert before["state"] is None


def test_what_differs_is_shown_with_its_cause(shell):
    shell("append", stdin=lines(registration(), delivered("d#1")).encode())
    then = utc_now().isoformat(timespec="microseconds")
    retraction = event("EventRetracted", "x", reason="另一项目", corrects="source:approval/d")
    assert shell("append", stdin=json.dumps(retraction).encode()).exit_code == 0
    clocks = ("--from", then, "--from-on", "2024-06-30", "--to-on", "2024-06-30")

    (project,) = shell.json("diff", *clocks)["projects"]
    shown = shell("diff", *clocks, "--language", "zh").stdout
    same = shell("diff", "--from", then, "--to", then)

    changed = {change["path"]: change for change in project["changes"]}
    assert project["kind"] == "CHANGED"
    assert changed["milestones.LAND_DELIVERED.actual"]["new"] is None
    assert changed["milestones.LAND_DELIVERED.actual"]["cause"]["type"] == "EventRetracted"
    assert "变更" in shown
    assert "另一项目" in shown
    assert same.stdout.strip() == "Nothing is different."
    assert shell("diff", "--from", "yesterday").exit_code == 1


def test_a_life_is_replayed_step_by_step(shell):
    facts = lines(
        registration(),
        delivered("d#1"),
        event("EventRetracted", "x", reason="另一项目", corrects="source:approval/d"),
    )
    shell("append", stdin=facts.encode())

    whole = shell.json("replay", "p1", "--on", "2024-06-30")
    shown = shell("replay", "p1", "--on", "2024-06-30", "--language", "zh").stdout
    stopped = shell("replay", "p1", "--on", "2024-06-30", "--step", stdin=b"q\n").stdout
    early = shell.json("replay", "p1", "--on", "2024-06-30", "--to", "2020-01-01")

    registered, reached, retracted = whole["steps"]
    assert registered["before"] is None
    assert {"path": "title", "old": None, "new": "Container corner castings"} in registered[
        "changes"
    ]
    day = reached["event"]["occurredOn"]
    node = {"path": "milestones.LAND_DELIVERED.actual", "old": None, "new": day}
    assert node in reached["changes"]
    assert {**node, "old": day, "new": None} in retracted["changes"]
    assert retracted["event"]["reason"] == "另一项目"
    assert retracted["event"]["corrects"]["id"] == reached["event"]["id"]
    assert "节点 交地 实际" in shown
    assert "另一项目" in shown
    assert "2/3" not in stopped
    assert early["steps"] == []
    assert shell("replay", "nobody").exit_code == 1


def test_a_history_shows_what_a_clock_that_was_ahead_recorded(shell, database):
    async def record() -> None:
        ahead = utc_now() + timedelta(days=30)
        ledger = await Ledger.open(database, clock=lambda: ahead)
        await ledger.append([make_fact("r1", stream="project/p1")])
        await ledger.close()

    asyncio.run(record())

    assert len(shell.json("history", "project/p1")["events"]) == 1


def test_a_server_tells_programs_its_addresses(capsys, tmp_path):
    announce_as_json(Settings(data=tmp_path, port=8123))

    assert json.loads(capsys.readouterr().out)["graphql"] == "http://127.0.0.1:8123/graphql"


def test_a_policy_without_rules_of_ours_spoils_no_history(shell):
    body = """[policy]
id = "incentive/example"
version = "2024"
kind = "incentive"
effective_from = 2024-01-01
"""
    adopted = {
        "policy_id": "incentive/example",
        "kind": "incentive",
        "version": "2024",
        "effective_from": "2024-01-01",
        "sha256": sha256(body.encode()).hexdigest(),
        "body": body,
    }
    facts = lines(registration(), event("PolicyAdopted", "p", adopted, subject=None))
    assert shell("append", stdin=facts.encode()).exit_code == 0

    assert shell.json("history", "p1")["state"]["title"] == "Container corner castings"


def test_quarantine_lists_what_waits(shell):
    shell("append", stdin=lines(delivered()).encode())

    (row,) = shell.json("quarantine")

    assert (row["code"], row["source_key"], row["waiting_for"]) == (
        "unknown_project",
        "approval/d1",
        "project/p1",
    )
    assert "unknown_project" in shell("quarantine").stdout

    shell("append", stdin=lines(registration()).encode())
    assert shell.json("quarantine") == []
    (row,) = shell.json("quarantine", "--all")
    assert (row["decision"], row["position"]) == ("released", 2)


def test_rebuild_and_status_show_every_read_model(shell):
    shell("append", stdin=lines(registration(), delivered()).encode())

    rebuilt = shell.json("rebuild")
    status = shell.json("status")

    assert set(rebuilt.values()) == {2}
    assert {view["name"]: view["position"] for view in status["projections"]} == rebuilt
    assert status["status"] == "ok"
    assert "2 events" in shell("status").stdout
    assert shell("rebuild", "projects").exit_code == 0
    assert shell("rebuild", "nothing").exit_code == 2


def test_tokens_come_and_go(shell):
    limits = ("--system", "land", "--region", "3205", "--points", "7")
    issued = shell.json("token", "create", "feed", "--actor", "a", "--org", "b", *limits)
    assert issued["token"].startswith("lcl_")

    (row,) = shell.json("token", "list")
    assert (row["label"], row["systems"], row["revoked_at"]) == ("feed", ["land"], None)
    assert (row["regions"], row["points"]) == (["3205"], 7)
    assert issued["token"] not in str(row)

    assert shell("token", "revoke", "feed").exit_code == 0
    (row,) = shell.json("token", "list")
    assert row["revoked_at"]
    assert (
        shell("token", "create", "x", "--actor", "a", "--org", "b", "--kind", "No").exit_code == 2
    )
    assert (
        shell("token", "create", "x", "--actor", "a", "--org", "b", "--region", "9").exit_code == 2
    )
    assert shell.json("token", "denials") == []


def test_schemas_are_printed(shell):
    assert "type Query" in shell("schema").stdout
    assert json.loads(shell("schema", "LandAwarded").stdout)["title"] == "LandAwarded"


@pytest.mark.parametrize(
    "command",
    ["demo", "serve", "append", "history", "rebuild", "status", "bench", "quarantine", "schema"],
)
def test_every_command_explains_itself(shell, command):
    result = shell(command, "--help")

    assert result.exit_code == 0
    assert "Usage" in result.stdout


def test_webhooks_are_added_listed_and_removed(shell):
    url = "https://replica.example/hook"
    shell("append", stdin=lines(registration(), delivered("d#1")).encode())
    added = shell.json("webhook", "add", "replica", url, "--kind", "LandDelivered", "--after", "1")
    assert added["secret"].startswith("whsec_")

    (row,) = shell.json("webhook", "list")
    assert (row["name"], row["position"]) == ("replica", 1)
    assert row["wanted"] == {"types": ["LandDelivered"]}
    assert added["secret"] not in str(row)
    assert shell.json("webhook", "dead", "replica") == []
    assert "0 will be tried" in shell("webhook", "redeliver", added["id"]).output

    assert shell("webhook", "add", "replica", url).exit_code != 0
    assert shell("webhook", "add", "other", "http://10.0.0.1/hook").exit_code != 0
    assert shell("webhook", "add", "other", url, "--after", "9").exit_code != 0
    assert shell("webhook", "add", "other", url, "--kind", "Nothing").exit_code != 0
    assert shell("webhook", "remove", "replica").exit_code == 0
    assert shell.json("webhook", "list") == []
    assert shell("webhook", "remove", "replica").exit_code != 0
