"""A token limited to regions reads and writes there, and nobody learns what lies beyond."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import StringIO
from time import monotonic, sleep
from typing import Any

import psycopg
import pytest
from api.contract import Contract
from api.database import Readers
from api.engine import Engine
from starlette.testclient import TestClient

from domain.envelope import Actor
from intake.denials import MOST, Denials
from intake.grant import Grant, Right
from server.app import application
from server.denying import denial_log
from server.operator import OPERATOR
from server.settings import Settings
from tests.server.conftest import copied, issue

HERE, THERE = "320582", "321102"
SOURCE = Grant(
    Actor(id="desk", org="Development and reform", role="source"),
    frozenset({Right.READ, Right.APPEND, Right.CORRECT}),
    frozenset({"desk"}),
    regions=frozenset({HERE}),
)
OPEN = """SELECT q.source_key, q.number FROM ledger.quarantine AS q
    WHERE NOT EXISTS (SELECT FROM ledger.quarantine_decisions AS d WHERE d.number = q.number)"""
AGREED = {"total_investment": {"yuan": 100_000_000}, "is_foreign": False, "origin_region": "上海"}
LEAD = {"industry_gb4754": "3985", "stage": "negotiating"}
UNKNOWN = ("quarantined", "unknown_project")


def registered(record: str, district: str, system: str = "drc") -> dict[str, Any]:
    """Give the registration of a project."""
    return event(
        "ProjectRegistered",
        record,
        {
            "title": f"Plant {record}",
            "district": district,
            "industry_gb4754": "3985",
            "stage": "lead",
        },
        system=system,
        subject=None,
    )


def event(
    kind: str, record: str, data: dict[str, Any], *, system: str = "desk", **more: Any
) -> dict[str, Any]:
    """Give a CloudEvent."""
    given = {
        "specversion": "1.0",
        "type": kind,
        "source": f"/sources/{system}",
        "id": f"{record}#1",
        "occurredon": "2024-05-06",
        "data": data,
        **more,
    }
    return {name: value for name, value in given.items() if value is not None}


def signed(record: str, subject: str, **more: Any) -> dict[str, Any]:
    """Give a signing of a project."""
    data = {**AGREED, "agreement_no": record}
    return event("ProjectSigned", record, data, subject=subject, **more)


@dataclass
class Town:
    """A running server with a project here and one there, and clients by their tokens."""

    client: TestClient
    database: str

    def token(self, grant: Grant) -> dict[str, str]:
        """Give the headers of a new token."""
        return {"Authorization": f"Bearer {issue(self.database, grant)}"}

    def send(self, headers: dict[str, str], *events: dict[str, Any]) -> list[dict[str, Any]]:
        """Deliver events and give their receipts."""
        answer = self.client.post(
            "/events",
            content=json.dumps(list(events)),
            headers={**headers, "Content-Type": "application/cloudevents-batch+json"},
        )
        assert answer.status_code == 200, answer.text
        receipts: list[dict[str, Any]] = answer.json()["receipts"]
        return receipts

    def ask(self, query: str, headers: dict[str, str] | None = None, **variables: Any) -> Any:
        """Ask GraphQL for what has been recorded up to now."""
        body = {"query": query, "variables": variables}
        return self.client.post("/graphql", json=body, headers=headers or {}).json()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Look into the database."""
        with psycopg.connect(self.database) as connection:
            return connection.execute(query.encode()).fetchall()


@pytest.fixture(scope="module")
def town(
    server: str, migrated: str, public_contract: Contract, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    with copied(server, migrated) as database:
        settings = Settings(data=tmp_path_factory.mktemp("town"))
        app = application(settings, database, engine=Engine(public_contract, Readers(database)))
        with TestClient(app, base_url="http://127.0.0.1") as client:
            town = Town(client, database)
            everybody = town.token(OPERATOR)
            receipts = town.send(
                everybody,
                registered("HERE", HERE),
                registered("THERE", THERE),
                signed("S-HERE", "source:drc/HERE", system="drc"),
                signed("S-THERE", "source:drc/THERE", system="drc"),
            )
            assert [receipt["status"] for receipt in receipts] == ["accepted"] * 4
            town.ask(
                "query ($n: Int!) { board(atLeast: $n) { region } }", n=receipts[-1]["position"]
            )
            yield town


@pytest.fixture(scope="module")
def desk(town: Town) -> dict[str, str]:
    return town.token(SOURCE)


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


def test_what_is_sent_about_a_project_elsewhere_is_answered_as_if_there_were_none(
    town: Town, desk: dict[str, str]
) -> None:
    here, there, nowhere = town.send(
        desk,
        signed("A-1", "source:drc/HERE"),
        signed("A-2", "source:drc/THERE"),
        signed("A-3", "source:drc/NOWHERE"),
    )

    assert here["status"] == "accepted"
    assert (there["status"], there["code"]) == UNKNOWN
    assert there["cure"] == nowhere["cure"]
    assert there.keys() == nowhere.keys()


def test_a_barred_fact_stays_out_until_somebody_who_may_lets_it_in(
    town: Town, desk: dict[str, str]
) -> None:
    town.send(desk, signed("B-1", "source:drc/THERE"), signed("B-2", "source:drc/LATER"))
    everybody = town.token(OPERATOR)

    town.send(everybody, registered("LATER", THERE))

    waiting = dict(town.rows(OPEN))
    assert {"desk/B-1", "desk/B-2"} <= waiting.keys()
    assert not town.rows("SELECT FROM ledger.events WHERE source_key IN ('desk/B-1', 'desk/B-2')")
    release = (
        'mutation ($n: Int!) { releaseQuarantined(number: $n, reason: "checked") { decision } }'
    )
    mine = town.ask(release, desk, n=waiting["desk/B-1"])["data"]["releaseQuarantined"]
    assert mine["decision"] == "kept"
    theirs = town.ask(release, everybody, n=waiting["desk/B-1"])["data"]["releaseQuarantined"]
    assert theirs["decision"] == "released"


def test_what_waited_joins_by_itself_where_it_may(town: Town, desk: dict[str, str]) -> None:
    (receipt,) = town.send(desk, signed("C-1", "source:drc/SOON"))
    assert (receipt["status"], receipt["code"]) == UNKNOWN

    town.send(town.token(OPERATOR), registered("SOON", HERE))

    assert town.rows("SELECT FROM ledger.events WHERE source_key = 'desk/C-1'")


def test_a_source_corrects_its_own_facts_only(town: Town, desk: dict[str, str]) -> None:
    (own,) = town.send(desk, signed("D-1", "source:drc/HERE"))
    correction = {"occurred_on": "2024-05-07"}

    anothers, unheard, mine = town.send(
        desk,
        event("EventCorrected", "D-2", correction, corrects="source:drc/S-HERE", reason="typing"),
        event("EventCorrected", "D-3", correction, corrects="source:drc/S-NONE", reason="typing"),
        event("EventCorrected", "D-4", correction, corrects=own["event_id"], reason="typing"),
    )

    assert mine["status"] == "accepted", mine
    assert (anothers["status"], anothers["code"]) == ("quarantined", "unknown_target")
    assert {**anothers, "index": 0, "value": ""} == {**unheard, "index": 0, "value": ""}


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (registered("E-1", THERE, system="desk"), "region_not_allowed"),
        (registered("E-2", HERE, system="drc"), "source_not_allowed"),
        (
            event(
                "ProjectDetailsRevised",
                "E-3",
                {"changes": {"district": {"old": HERE, "new": THERE}}},
                subject="source:drc/HERE",
                reason="moved",
            ),
            "region_not_allowed",
        ),
        (
            event(
                "QuotaMoved",
                "E-4",
                {"pool_id": "x", "resource": "energy_tce", "act": "credit", "quantity": "1"},
            ),
            "forbidden",
        ),
    ],
)
def test_what_a_token_may_not_send_is_refused_by_every_door(
    town: Town, desk: dict[str, str], sent: dict[str, Any], code: str
) -> None:
    lines = "\n".join([json.dumps(sent)] * 2)

    (batch,) = town.send(desk, sent)
    streamed = town.client.post(
        "/events", content=lines, headers={**desk, "Content-Type": "application/x-ndjson"}
    ).json()["receipts"]

    assert [receipt["code"] for receipt in (batch, *streamed)] == [code] * 3
    if code != "forbidden":
        mutation = """mutation ($type: String!, $id: String!, $stream: ID, $payload: JSON!,
            $system: String, $reason: String) { append(type: $type, recordId: $id, stream: $stream,
            occurredOn: "2024-05-06", payload: $payload, system: $system, reason: $reason)
            { status code } }"""
        answer = town.ask(
            mutation,
            desk,
            type=sent["type"],
            id="E-9",
            stream=sent.get("subject"),
            payload=sent["data"],
            system=sent["source"].removeprefix("/sources/"),
            reason=sent.get("reason"),
        )
        assert answer["data"]["append"]["code"] == code


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


def test_service_to_an_enterprise_is_written_where_it_is_given(
    town: Town, desk: dict[str, str]
) -> None:
    def received(record: str, **more: Any) -> dict[str, Any]:
        told = {
            "request_id": record,
            "enterprise": "91320582MA1XXXXX0K",
            "channel": "hotline",
            "category": "land",
            "text_digest": "用地手续",
            "urgency": "normal",
            **more,
        }
        return event("RequestReceived", record, told, subject="enterprise/91320582MA1XXXXX0K")

    def dispatched(record: str) -> dict[str, Any]:
        told = {
            "request_id": record,
            "to_department": "供电公司",
            "sign_due": "2024-05-07",
            "resolve_due": "2024-05-19",
        }
        subject = "enterprise/91320582MA1XXXXX0K"
        return event("RequestDispatched", f"{record}-D", told, subject=subject)

    receipts = town.send(
        desk,
        received("SQ-1", district=HERE),
        dispatched("SQ-1"),
        received("SQ-2", district=THERE),
        dispatched("SQ-2"),
    )

    assert [receipt.get("code") for receipt in receipts] == [
        None,
        None,
        "region_not_allowed",
        "unknown_project",
    ]
    assert town.send(desk, dispatched("SQ-1"))[0]["status"] == "duplicate"


REGISTER = "项目代码,实际开工时间\n2407-320582-89-01-729324,2024-06-11\n"


@pytest.mark.parametrize("dry_run", ["true", "false"])
def test_a_register_is_written_by_its_own_source_only(
    town: Town, desk: dict[str, str], dry_run: str
) -> None:
    def sent(headers: dict[str, str]) -> Any:
        path = f"/registers?mapping=start-register&dry_run={dry_run}"
        answer = town.client.post(path, content=REGISTER.encode(), headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    own = town.token(replace(SOURCE, systems=frozenset({"start-register"})))
    assert (sent(desk)["rejected"], sent(own)["quarantined"]) == (1, 1)


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


def test_what_waits_beyond_reach_was_denied_once_however_often_it_is_looked_at(
    town: Town, desk: dict[str, str]
) -> None:
    house = town.client.app.state.house
    town.send(desk, signed("W-1", "source:drc/THERE"))
    until = monotonic() + 10
    while len(house.denials):
        assert monotonic() < until
        sleep(0.1)

    assert town.client.portal.call(house.intake.release_waiting) >= 1

    assert not len(house.denials)


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
