"""Service when identities, sources and times go wrong: nothing is lost or counted twice."""

from typing import Any

from tests.exceptions.conftest import Event, Town, amended, event, registered
from tests.exceptions.test_identities import link

SPAN = 'from: "2024-01-01", to: "2024-12-31"'


def received(record: str, project: str, on: str = "2024-03-04T09:00:00+08:00") -> Event:
    return event("RequestReceived", record, on, project, request_id=f"SQ-{record}", category="help")


def answered(record: str, of: str, project: str, on: str = "2024-03-05T09:00:00+08:00") -> Event:
    return event("RequestAnswered", record, on, project, request_id=f"SQ-{of}")


def requests_of(town: Town, project: str) -> Any:
    fields = "received closed resolved medianHours resolutionRate { percent notApplicable }"
    return town.project(project, f"requests {{ {fields} }}")["requests"]


def test_service_given_to_an_absorbed_project_was_given_to_the_kept_one(town: Town) -> None:
    issue = {"issue_id": "WT-1", "due": "2024-04-30"}
    decision = {"issue_id": "WT-1", "decision": "办", "owner": "局", "due": "2024-03-31"}
    town.send(
        registered("keep"),
        registered("gone"),
        received("a", "keep"),
        received("b", "gone"),
        answered("c", "b", "gone"),
        event("StewardAssigned", "s", "2024-02-01", "gone", to=None),
        event("SiteVisitLogged", "v", "2024-02-02", "gone"),
        event("IssueRaised", "i", "2024-03-01", "gone", **issue),
        event("JointReviewHeld", "m", "2024-03-15", None, projects=["gone"], decisions=[decision]),
    )
    fields = """stewards { inForce } visits { id } issues { id reviews { overdueDecisions } }
        events(types: ["JointReviewHeld"]) { totalCount }"""

    town.send(link("keep-gone", "keep", "gone"))
    together = town.project("keep", fields)
    counted = requests_of(town, "keep")
    town.send(amended("EventRetracted", "un", "keep-gone", "2024-12-01"))
    parted = town.project("keep", fields)

    assert together == {
        "stewards": [{"inForce": True}],
        "visits": [{"id": "XC-2024-0412"}],
        "issues": [{"id": "WT-1", "reviews": [{"overdueDecisions": 1}]}],
        "events": {"totalCount": 1},
    }
    assert (counted["received"], counted["resolved"], counted["medianHours"]) == (2, 1, "24")
    assert parted == {"stewards": [], "visits": [], "issues": [], "events": {"totalCount": 0}}
    assert requests_of(town, "keep")["received"] == requests_of(town, "gone")["received"] == 1


def test_an_answer_may_come_before_its_request_and_be_taken_back(town: Town) -> None:
    town.send(registered("p"), answered("p-a", "p-r", "p"))
    early = requests_of(town, "p")
    town.send(received("p-r", "p"))
    closed = requests_of(town, "p")
    town.send(amended("EventRetracted", "p-x", "p-a", "2024-06-01"))
    reopened = requests_of(town, "p")
    town.send(amended("EventCorrected", "p-y", "p-r", "2024-06-02", occurred_on="2024-03-04"))

    assert early == {
        "received": 0,
        "closed": 0,
        "resolved": 0,
        "medianHours": None,
        "resolutionRate": {
            "percent": None,
            "notApplicable": "not applicable: the denominator is zero",
        },
    }
    assert (closed["closed"], closed["resolutionRate"]["percent"]) == (1, "100.0")
    assert (reopened["closed"], reopened["resolutionRate"]["percent"]) == (0, "0.0")
    assert requests_of(town, "p")["received"] == 1


def test_a_request_sent_twice_is_one_and_a_newer_version_corrects_it(town: Town) -> None:
    town.send(registered("q"))
    first = received("q-r", "q")
    newer = {**first, "id": "q-r#2", "data": {**first["data"], "category": "complaint"}}

    statuses = town.statuses(first, first, newer, newer)

    assert statuses == ["accepted", "duplicate", "corrected", "duplicate"]
    categories = town.project("q", "requests { byCategory { key count } }")["requests"]
    assert categories == {"byCategory": [{"key": "complaint", "count": 1}]}


def test_what_fits_no_stream_is_refused_and_says_what_to_send(town: Town) -> None:
    town.send(registered("r"))
    wrong = [
        event("RequestReceived", "w1", "2024-03-04", "meeting/M"),
        event("RequestReceived", "w2", "2024-03-04", None),
        event("StewardAssigned", "w3", "2024-03-04", "enterprise/E", scope="project"),
        event("StewardAssigned", "w4", "2024-03-04", "r", to="2024-03-03"),
        event("JointReviewHeld", "w5", "2024-03-04", "r"),
        event("IssueRaised", "w6", "2024-03-04", "enterprise/E"),
        event("SiteVisitLogged", "w7", "2024-03-04", "r", topics=["t" * 101]),
        event("RequestReceived", "w8", "2024-03-04", "nobody"),
        event("RequestReceived", "w9", "2030-03-04", "r"),
    ]

    receipts = town.send(*wrong)

    assert [(receipt.status.value, receipt.code) for receipt in receipts] == [
        ("rejected", "wrong_subject"),
        ("rejected", "missing_field"),
        ("rejected", "wrong_scope"),
        ("rejected", "invalid_date"),
        ("rejected", "invalid_subject"),
        ("rejected", "wrong_subject"),
        ("rejected", "invalid_value"),
        ("quarantined", "unknown_project"),
        ("quarantined", "future_fact"),
    ]
    assert all(receipt.cure for receipt in receipts)


def test_names_of_stewards_are_shown_to_those_who_ask_and_not_in_the_bytes(town: Town) -> None:
    town.send(
        registered("t"),
        event("StewardAssigned", "t-s", "2024-02-01", "t", lead_officer="陈示例", to=None),
    )

    steward = town.project("t", "stewards { lead { id name } team { name org } }")["stewards"]
    payload = town.project("t", 'events(types: ["StewardAssigned"]) { nodes { payload } }')

    assert steward == [
        {
            "lead": {"id": "GJ-017", "name": "陈示例"},
            "team": [{"name": "陆某", "org": "市行政审批局"}],
        }
    ]
    (node,) = payload["events"]["nodes"]
    assert node["payload"]["team"] == [{"officer": "陆某", "dept": "市行政审批局"}]


def test_two_enterprises_found_to_be_one_have_one_contact(town: Town) -> None:
    town.send(
        registered("u", enterprise_ref="OLD-NAME", district="321102"),
        event("StewardAssigned", "u-s", "2024-02-01", "enterprise/NEW", scope=None, to=None),
    )
    asked = '{ contactCoverage(region: ["321102"]) { enterprises { percent } enterprisesWithout } }'
    apart = town.ask(asked)["contactCoverage"]

    town.send(link("u-l", "NEW", "OLD-NAME", kind="enterprise"))

    assert apart == {"enterprises": {"percent": "0.0"}, "enterprisesWithout": ["OLD-NAME"]}
    assert town.ask(asked)["contactCoverage"] == {
        "enterprises": {"percent": "100.0"},
        "enterprisesWithout": [],
    }
