"""A token limited to regions reads there, and nobody learns what lies beyond."""

import json
from dataclasses import replace
from io import StringIO
from time import monotonic, sleep

import pytest

from intake.denials import MOST, Denials
from server.denying import denial_log
from server.operator import OPERATOR
from tests.server.town import (
    HERE,
    SOURCE,
    THERE,
    Town,
    desk,
    event,
    registered,
    signed,
    town,
)

__all__ = ["desk", "town"]


def test_two_tokens_and_nobody_get_each_their_own_answer_to_one_question(
    town: Town, desk: dict[str, str]
) -> None:
    there = town.token(replace(SOURCE, regions=frozenset({"3211"})))
    question = "{ board { region total } projects { nodes { title } } }"

    for _ in range(2):
        told = [town.ask(question, headers)["data"] for headers in (desk, there, None)]

        assert [[cell["region"] for cell in each["board"]] for each in told] == [
            [HERE],
            [THERE],
            [HERE, THERE],
        ]


def test_what_is_executed_field_by_field_is_limited_too(town: Town, desk: dict[str, str]) -> None:
    told = town.ask("{ ledger { size } projects { totalCount nodes { title } } }", desk)["data"]

    assert told["ledger"]["size"] > 0
    assert "Plant HERE" in [node["title"] for node in told["projects"]["nodes"]]
    assert "Plant THERE" not in [node["title"] for node in told["projects"]["nodes"]]
    assert told["projects"]["totalCount"] == len(told["projects"]["nodes"])


def test_what_lies_beyond_reach_is_not_counted_either(town: Town, desk: dict[str, str]) -> None:
    every = "first: 100) { totalCount nodes { __typename } }"

    told = town.ask(f"{{ events({every} projects({every} }}", desk)["data"]

    for name, page in told.items():
        assert page["totalCount"] == len(page["nodes"]) > 0, name


def test_an_etag_of_one_scope_is_none_of_another(town: Town, desk: dict[str, str]) -> None:
    asked = {"query": "{ projects { nodes { title } } }"}
    give_up_at = monotonic() + 10
    # A tag holds at one position, and the read models may still follow what came before.
    while any(view["lag"] for view in town.client.get("/health").json()["projections"]):
        assert monotonic() < give_up_at
        sleep(0.05)
    mine = town.client.get("/graphql", params=asked, headers=desk)
    tag = {"If-None-Match": mine.headers["etag"]}

    assert "Authorization" in mine.headers["vary"]
    assert town.client.get("/graphql", params=asked, headers={**desk, **tag}).status_code == 304
    everybody = town.client.get("/graphql", params=asked, headers=tag)
    assert everybody.status_code == 200
    assert "Plant THERE" in everybody.text
    assert "Plant THERE" not in mine.text


def test_names_from_elsewhere_are_found_by_no_door(town: Town, desk: dict[str, str]) -> None:
    ((stream, known),) = town.rows(
        "SELECT stream, id::text FROM ledger.events WHERE source_key = 'drc/S-THERE'"
    )
    ((batch,),) = town.rows(
        "SELECT id FROM ledger.batches WHERE actor <> 'desk' ORDER BY received_at LIMIT 1"
    )
    everybody = town.client.get

    for path in (f"/batches/{batch}", "/receipts/drc/S-THERE", f"/proofs/events/{known}"):
        unknown = path[:-4] + "0000" if "proofs" in path else path + "x"
        mine, nothing = (town.client.get(each, headers=desk) for each in (path, unknown))
        assert everybody(path).status_code in {200, 404}, path
        assert mine.status_code == nothing.status_code == 404
        assert mine.json()["code"] == nothing.json()["code"]
    assert town.client.get("/receipts/drc/S-HERE", headers=desk).status_code == 200
    project = stream.removeprefix("project/")
    told = town.ask(
        """query ($id: ID!, $event: ID!) { project(id: $id) { id } node(id: $id) { id }
        event: node(id: $event) { id } events(stream: $id) { totalCount } }""",
        desk,
        id=project,
        event=known,
    )["data"]
    assert told == {"project": None, "node": None, "event": None, "events": {"totalCount": 0}}
    page = town.client.get("/events?after=0&limit=1000", headers=desk).json()["events"]
    assert page
    assert not [each for each in page if each["stream"] == stream or each["stream"][:6] == "ledger"]


def test_what_is_for_the_whole_city_is_told_to_no_part_of_it(
    town: Town, desk: dict[str, str]
) -> None:
    everybody = town.token(OPERATOR)
    target = {"metric": "start_rate", "threshold": "85", "unit": "percent", "comparator": ">="}
    results: dict[str, object] = {"policy": "ranking/city@1", "scores": {}, "ranks": {}}
    results |= {"as_known_at": "2024-04-10T18:00:00+08:00", "published_on": "2024-04-15"}
    told = [
        *(
            event(
                "TargetSet",
                f"T-{scope}",
                {**target, "target_id": f"T-{scope}", "scope": scope, "due": "2024-12-31"},
                system="drc",
            )
            for scope in ("all", HERE)
        ),
        event(
            "RankingPublished",
            "ROUND",
            {**results, "round_id": "ROUND"},
            system="drc",
            occurredon="2024-Q1",
        ),
    ]
    receipts = town.send(everybody, *told)
    assert [receipt["status"] for receipt in receipts] == ["accepted"] * 3, receipts
    question = """query ($n: Int!) { events(types: ["TargetSet", "RankingPublished"], atLeast: $n) {
        nodes { source { recordId } } } }"""

    def records(headers: dict[str, str]) -> list[str]:
        nodes = town.ask(question, headers, n=receipts[-1]["position"])["data"]["events"]["nodes"]
        return sorted(node["source"]["recordId"] for node in nodes)

    assert records(everybody) == ["ROUND", f"T-{HERE}", "T-all"]
    assert records(desk) == [f"T-{HERE}"]


def test_what_waits_is_shown_where_its_project_lies_however_it_was_named(
    town: Town, desk: dict[str, str]
) -> None:
    everybody, codes = town.token(OPERATOR), {}
    for place, code in ((HERE, "2407-320582-89-01-000011"), (THERE, "2407-321102-89-01-000012")):
        project, codes[place] = f"CODED-{place}", code
        assigned = {"code": code}
        town.send(
            everybody,
            registered(project, place),
            event(
                "ProjectCodeAssigned", code, assigned, system="drc", subject=f"source:drc/{project}"
            ),
        )
    late = {"occurredon": "2090-01-01", "system": "drc"}
    town.send(everybody, *(signed(f"LATE-{code}", code, **late) for code in codes.values()))

    told = town.ask("{ quarantine(first: 100) { nodes { recordId } } }", desk)["data"]
    records = [node["recordId"] for node in told["quarantine"]["nodes"]]

    assert f"LATE-{codes[HERE]}" in records
    assert f"LATE-{codes[THERE]}" not in records


def test_a_project_that_moves_is_theirs_before_and_ours_after(town: Town) -> None:
    everybody = town.token(OPERATOR)
    before = town.token(replace(SOURCE, regions=frozenset({HERE})))
    after = town.token(replace(SOURCE, regions=frozenset({THERE})))
    moved = event(
        "ProjectDetailsRevised",
        "M-2",
        {"changes": {"district": {"old": HERE, "new": THERE}}},
        system="drc",
        subject="source:drc/MOVES",
        reason="the zone was moved",
        occurredon="2024-09-01",
    )
    receipts = town.send(everybody, registered("MOVES", HERE), moved)
    assert [receipt["status"] for receipt in receipts] == ["accepted", "accepted"]
    question = """query ($n: Int!) {
        now: project(id: "source:drc/MOVES", atLeast: $n) { title events { totalCount } }
        then: project(id: "source:drc/MOVES", asOf: { on: "2024-08-31" }) { title }
        diffs(from: { on: "2024-08-31" }, to: { on: "2024-09-30" }) {
            nodes { kind project { title } changes { path old new } } } }"""

    mine, theirs = (
        town.ask(question, headers, n=receipts[-1]["position"])["data"]
        for headers in (before, after)
    )

    assert (mine["now"], mine["then"]) == (None, {"title": "Plant MOVES"})
    assert theirs["now"] == {"title": "Plant MOVES", "events": {"totalCount": 2}}
    assert theirs["then"] is None
    (gone,), (come,) = mine["diffs"]["nodes"], theirs["diffs"]["nodes"]
    assert (gone["kind"], come["kind"]) == ("REMOVED", "ADDED")
    assert not [change for change in gone["changes"] if change["new"] is not None]
    assert not [change for change in come["changes"] if change["old"] is not None]


def test_subscriptions_tell_what_lies_within_reach(town: Town, desk: dict[str, str]) -> None:
    follow = "subscription { events(after: 0) { source { recordId } } }"
    told: list[str] = []
    with town.client.websocket_connect(
        "/graphql", ["graphql-transport-ws"], headers={"host": "127.0.0.1"}
    ) as socket:
        socket.send_json({"type": "connection_init", "payload": desk})
        assert socket.receive_json()["type"] == "connection_ack"
        socket.send_json({"id": "1", "type": "subscribe", "payload": {"query": follow}})
        while "S-HERE" not in told:
            told.append(socket.receive_json()["payload"]["data"]["events"]["source"]["recordId"])

    assert "HERE" in told
    assert "THERE" not in told


@pytest.mark.parametrize("path", ["/tile/entries/000.p/1", "/metrics"])
def test_what_is_about_everything_is_for_those_who_see_everything(
    town: Town, desk: dict[str, str], path: str
) -> None:
    assert town.client.get(path, headers=desk).status_code == 403
    assert town.client.get(path).status_code != 403


def test_a_token_that_does_not_hold_opens_nothing_on_this_machine_either(town: Town) -> None:
    for path in ("/graphql?query={__typename}", "/events?limit=1", "/receipts/drc/S-HERE"):
        answer = town.client.get(path, headers={"Authorization": "Bearer lcl_nothing"})

        assert answer.status_code == 401, path
        assert answer.headers["www-authenticate"] == "Bearer"


def test_denials_are_written_down_without_what_was_behind(town: Town, desk: dict[str, str]) -> None:
    town.send(desk, signed("F-1", "source:drc/THERE"), registered("F-2", THERE, system="desk"))
    town.ask('{ project(id: "source:drc/THERE") { id } }', desk)
    town.client.get("/tile/entries/000.p/1", headers=desk)
    town.client.get("/graphql?query={__typename}", headers={"Authorization": "Bearer nothing"})

    wanted = {
        ("test", "append", "beyond_reach"),
        ("test", "append", "region_not_allowed"),
        ("test", "graphql", "nothing_within_reach"),
        ("test", "entries", "forbidden"),
        (None, "request", "unauthorized"),
    }
    until = monotonic() + 10
    while not wanted <= set(town.rows("SELECT token, action, code FROM ledger.denials")):
        assert monotonic() < until
        sleep(0.1)


def test_a_denial_is_a_line_of_json_and_like_ones_are_one_row() -> None:
    stream = StringIO()
    denials = Denials(denial_log(stream))

    for _ in range(1_000):
        denials.note("append", "forbidden", SOURCE, "ProjectSigned desk/1\x00")
    for number in range(2 * MOST):
        denials.note("read", "unauthorized", None, f"/{number}")

    (first, *_) = map(json.loads, stream.getvalue().splitlines())
    assert (first["event"], first["actor"], first["code"]) == ("denied", "desk", "forbidden")
    assert len(denials) == MOST + 1
