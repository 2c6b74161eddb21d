"""Statutory clocks, the land they run on, and colours that people decided, told and asked."""

from datetime import date

import pytest

from domain.months import months_later
from tests.exceptions.conftest import Event, Town, event, registered

ALARMS = """query Q($on: Date!, $within: Int, $kinds: [AlarmKind!]) {
    alarms(filter: {region: ["320404"]}, withinDays: $within, kinds: $kinds, asOf: {on: $on}) {
        project { id } kind subject on passed daysLeft message cause { type } } }"""


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-11-30", 3, "2025-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("9999-12-01", 12, "9999-12-31"),
    ],
)
def test_months_end_where_they_end(day: str, months: int, later: str) -> None:
    assert months_later(date.fromisoformat(day), months).isoformat() == later


def test_clocks_run_until_works_begin(town: Town) -> None:
    permit = {"permit_kind": "construction_permit", "case_no": "x"}
    town.send(
        registered("a", district="320404"),
        registered("b", district="320404"),
        event("PermitIssued", "a-p", "2024-01-31", "a", certificate_no="Z1", **permit),
        event("PermitIssued", "a-q", "2024-04-20", "a", certificate_no="Z1", **permit),
        event("PermitIssued", "b-p", "2024-01-31", "b", certificate_no="Z2", **permit),
        event("ConstructionStarted", "b-s", "2024-03-01", "b"),
        event("LandAwarded", "a-l", "2024-01-05", "a", parcel_id="P1"),
        event("LandContractSigned", "a-c", "2024-01-10", "a", parcel_id="P1", start_due="2024-06"),
        event(
            "InvestmentApprovalObtained",
            "a-v",
            "2023-03-01",
            "a",
            mode="verification",
            doc_no="D1",
            valid_until=None,
        ),
    )

    due = town.ask(ALARMS, on="2024-07-01", within=90)["alarms"]
    over = town.ask(ALARMS, on="2025-07-15", within=0)["alarms"]
    only = town.ask(ALARMS, on="2025-07-15", within=10_000, kinds=["LAND_RESUMED"])["alarms"]

    assert [(each["kind"], each["on"], each["daysLeft"], each["passed"]) for each in due] == [
        ("PERMIT_VOID", "2024-07-31", 30, False)
    ]
    assert due[0]["project"]["id"] == "a"
    assert "Z1" in due[0]["message"]
    assert [(each["kind"], each["subject"], each["on"]) for each in over] == [
        ("PERMIT_VOID", "Z1", "2024-07-31"),
        ("APPROVAL_VOID", "D1", "2025-03-01"),
        ("IDLE_LAND", "P1", "2025-06-30"),
    ]
    assert [(each["on"], each["cause"]["type"]) for each in only] == [
        ("2026-06-30", "LandContractSigned")
    ]

    town.send(event("ConstructionStarted", "a-s", "2024-07-20", "a"))

    assert len(town.ask(ALARMS, on="2024-07-19", within=10_000)["alarms"]) == 4
    assert town.ask(ALARMS, on="2024-07-20", within=10_000)["alarms"] == []
    assert town.project("a", "alarms { kind }")["alarms"] == []


def test_land_on_which_works_stand_still_too_early_is_idle(town: Town) -> None:
    def begun(name: str, *more: Event, mu: str = "30") -> list[Event]:
        return [
            registered(name, district="320482"),
            event("LandAwarded", f"{name}-l", "2023-01-05", name, parcel_id=name, area_mu=mu),
            event("ConstructionStarted", f"{name}-s", "2023-03-01", name),
            event("ProjectSuspended", f"{name}-h", "2023-05-31", name, scope="project"),
            *more,
        ]

    def built(name: str, mu: str) -> Event:
        return event("PhysicalProgressReported", f"{name}-b", "2023-05", name, developed_mu=mu)

    def invested(name: str, yuan: int) -> list[Event]:
        signed = {"total_investment": {"yuan": 400_000_000}, "fixed_asset_investment": None}
        report = {"ytd": {"yuan": yuan}, "cumulative": None, "composition": None}
        return [
            event("ProjectSigned", f"{name}-g", "2022-12-01", name, **signed),
            event("InvestmentReported", f"{name}-i", "2023-05", name, **report),
        ]

    town.send(
        *begun("third", built("third", "10")),
        *begun("less", built("less", "9.9")),
        *begun("quarter", *invested("quarter", 100_000_000)),
        *begun("poor", *invested("poor", 99_999_999)),
        *begun("unknown"),
        *begun(
            "goes-on",
            built("goes-on", "1"),
            event("ProjectResumed", "goes-on-r", "2024-03-01", "goes-on", scope="project"),
        ),
        *begun(
            "declared",
            built("declared", "1"),
            event(
                "LandResumedOrIdle",
                "declared-d",
                "2024-07-01",
                "declared",
                parcel_id="declared",
                area_mu="30",
            ),
        ),
        registered("waits", district="320482"),
        event("LandAwarded", "waits-l", "2022-01-05", "waits", parcel_id="waits", area_mu="7"),
        event(
            "LandContractSigned",
            "waits-c",
            "2022-02-01",
            "waits",
            parcel_id="waits",
            start_due="2022-06",
        ),
    )
    asked = """query Q($on: Date!) { idleLand(region: ["320482"], from: "2024-01-01",
        to: "2024-12-31", asOf: {on: $on}) { idle { value } undeclared { value }
        undeclaredClocks { kind subject on cause { type } } } }"""

    def idle(on: str) -> tuple[str, str, list[tuple[str, str, str, str]]]:
        found = town.ask(asked, on=on)["idleLand"]
        told = found["undeclaredClocks"]
        rows = [(row["kind"], row["subject"], row["on"], row["cause"]["type"]) for row in told]
        return found["idle"]["value"], found["undeclared"]["value"], rows

    waits = ("IDLE_LAND", "waits", "2023-06-30", "LandContractSigned")
    stopped = [
        ("STOPPED_LAND", name, "2024-05-31", "ProjectSuspended")
        for name in ("declared", "less", "poor")
    ]
    assert idle("2023-06-30") == ("0", "0", [])
    assert idle("2024-05-31") == ("0", "7", [waits])
    assert idle("2024-06-01") == ("0", "97", [waits, *stopped])
    assert idle("2024-07-01") == ("30", "67", [waits, *stopped[1:]])
    alarm = town.project("less", "alarms { kind message }")["alarms"]
    assert [each["kind"] for each in alarm] == ["STOPPED_LAND"]
    assert "a third" in alarm[0]["message"]


def test_working_days_that_are_not_published_are_told_from_coarse_dates(town: Town) -> None:
    for name, start in (("counted", "2024-01-05"), ("early", "2003-12-31"), ("coarse", "2024-02")):
        town.send(
            registered(name, district="320405", on="2003-01-05"),
            event("ProjectSigned", f"{name}-g", "2003-12-30", name, fixed_asset_investment=None),
            event("LandDelivered", f"{name}-l", start, name),
        )

    found = town.ask("""query Q { times: leadTimes(from: SIGNED, to: LAND_DELIVERED, workDays: true,
        filter: {region: ["320405"]}) { n excludedForPrecision excludedForCalendar }
        days: leadTimes(from: SIGNED, to: LAND_DELIVERED,
        filter: {region: ["320405"]}) { n excludedForPrecision excludedForCalendar } }""")

    assert list(found["times"].values()) == [0, 1, 2]
    assert list(found["days"].values()) == [2, 1, 0]


def test_no_clock_runs_beyond_the_days_that_can_be_written(town: Town) -> None:
    town.send(
        registered("forever"),
        event("LandAwarded", "forever-l", "2024-01-05", "forever", parcel_id="ever"),
        event(
            "LandContractSigned",
            "forever-c",
            "2024-02-01",
            "forever",
            parcel_id="ever",
            start_due="9999",
        ),
    )

    alarms = town.project("forever", "alarms { on }")["alarms"]

    assert [alarm["on"] for alarm in alarms] == ["9999-12-31"] * 2


def test_a_stop_is_reported_within_a_month_and_verified_after_a_year(town: Town) -> None:
    def works(name: str, phase: str | None, *more: Event) -> list[Event]:
        permit = {"permit_kind": "construction_permit", "certificate_no": f"Z-{name}"}
        return [
            registered(name, district="320411"),
            event("PermitIssued", f"{name}-p", "2023-05-01", name, phase_id=phase, **permit),
            event("ConstructionStarted", f"{name}-s", "2023-06-01", name, phase_id=phase),
            event("ProjectSuspended", f"{name}-h", "2024-01-31", name, scope="1"),
            *more,
        ]

    lapsed = event("PermitLapsedOrRevoked", "v", "2024-02-01", "void", certificate_no="Z-void")
    town.send(
        *works("still", "1"),
        *works("other", "2"),
        *works("again", None, event("ProjectResumed", "again-r", "2024-03-01", "again", scope="1")),
        *works("void", "1", lapsed),
        *works("done", "1", event("TrialProductionStarted", "d", "2024-02-01", "done")),
    )

    def stopped(on: str) -> list[tuple[str, str, str, bool]]:
        found = town.ask(
            """query Q($on: Date!) { alarms(filter: {region: ["320411"]}, withinDays: 366,
            kinds: [STOP_REPORT, PERMIT_REVERIFY], asOf: {on: $on}) { kind subject on passed } }""",
            on=on,
        )["alarms"]
        return [(each["kind"], each["subject"], each["on"], each["passed"]) for each in found]

    report = [("STOP_REPORT", "Z-still", "2024-02-29")]
    verify = [("PERMIT_REVERIFY", "Z-still", "2025-01-31")]
    assert [each[:3] for each in stopped("2024-01-30")] == []
    assert [each[1:] for each in stopped("2024-02-29") if each[0] == "STOP_REPORT"] == [
        ("Z-again", "2024-02-29", False),
        ("Z-still", "2024-02-29", False),
    ]
    assert [each[:3] for each in stopped("2024-03-01")] == report + verify
    assert [each[3] for each in stopped("2025-01-31")] == [True, False]
    assert [each[3] for each in stopped("2025-02-01")] == [True, True]


def test_land_is_somewhere_from_its_offer_to_its_return(town: Town) -> None:
    at = {"district": "320481"}
    land = {"area_mu": "10"}
    town.send(
        *(registered(name, **at) for name in ("c", "d", "e")),
        event("LandOffered", "c-o", "2024-01-01", "c", parcel_id="Q1", **land),
        event("LandAwarded", "c-a", "2024-02-01", "c", parcel_id="Q1", area_mu="10.5"),
        event("LandResumedOrIdle", "c-i", "2024-06-01", "c", parcel_id="Q1", area_mu="10.5"),
        event("LandResumedOrIdle", "c-r", "2024-08-01", "c", parcel_id="Q1", act="resumed", **land),
        event("LandAwarded", "d-a", "2024-09-01", "d", parcel_id="Q1", **land),
        event("ConstructionStarted", "d-s", "2024-10-01", "d"),
        event("LandOffered", "e-o", "2024-03-01", "e", parcel_id="Q2", area_mu="7"),
        event("LandAwarded", "e-a", "2024-11-01", "e", parcel_id="Q3", area_mu="3"),
    )
    asked = """query Q($on: Date!) { landLedger(filter: {region: ["320481"]}, asOf: {on: $on}) {
        parcels offered { value } supplied { value } idle { value } inUse { value }
        recovered { value } revitalised { value } } }"""

    def where(on: str) -> dict[str, str]:
        ledger = town.ask(asked, on=on)["landLedger"]
        areas = {name: each["value"] for name, each in ledger.items() if name != "parcels"}
        return {name: mu for name, mu in areas.items() if mu != "0"}

    assert where("2023-12-31") == {}
    assert where("2024-01-31") == {"offered": "10"}
    assert where("2024-05-31") == {"supplied": "10.5", "offered": "7"}
    assert where("2024-07-31") == {"idle": "10.5", "offered": "7"}
    assert where("2024-08-31") == {"recovered": "10", "offered": "7"}
    assert where("2024-09-30") == {"supplied": "10", "offered": "7"}
    assert where("2024-12-31") == {
        "inUse": "10",
        "revitalised": "10",
        "offered": "7",
        "supplied": "3",
    }
    rows = town.ask(
        """{ parcels(filter: {region: ["320481"]}, states: [IN_USE, SUPPLIED]) {
            id state wasIdle project { id } turns { type } } }"""
    )["parcels"]
    assert [(row["id"], row["state"], row["wasIdle"], row["project"]["id"]) for row in rows] == [
        ("Q1", "IN_USE", True, "d"),
        ("Q3", "SUPPLIED", False, "e"),
    ]
    assert len(rows[0]["turns"]) == 5


def test_a_decided_colour_is_shown_beside_the_judged_one(town: Town) -> None:
    town.send(
        registered("f", district="320413"),
        event("MilestonePlanned", "f-m", "2024-01-10", "f", planned="2024-06-30"),
        event(
            "ColourOverridden",
            "f-o",
            "2024-07-10",
            "f",
            node=None,
            colour="yellow",
            until="2024-09-30",
            reason="汛期停工，市政府同意",
        ),
        event(
            "ColourOverridden",
            "f-n",
            "2024-08-01",
            "f",
            colour="green",
            until="2024-08-31",
            reason="已临时开工",
        ),
    )
    fields = """colour judgedColour colourOverride { colour until cause { reason } }
        milestones { node colour judgedColour colourOverride { approvedBy } }"""

    (red, decided, later, after) = (
        town.project("f", fields, on=on)
        for on in ("2024-07-09", "2024-08-01", "2024-09-30", "2024-10-01")
    )

    assert (red["colour"], red["judgedColour"], red["colourOverride"]) == ("RED", "RED", None)
    assert (decided["colour"], decided["judgedColour"]) == ("YELLOW", "RED")
    assert decided["colourOverride"]["cause"]["reason"] == "汛期停工，市政府同意"
    nodes = {each["node"]: each for each in decided["milestones"]}
    started = nodes["CONSTRUCTION_STARTED"]
    assert (started["colour"], started["judgedColour"]) == ("GREEN", "RED")
    assert (later["colour"], after["colour"]) == ("YELLOW", "RED")
    assert {
        each["colour"] for each in later["milestones"] if each["node"] == "CONSTRUCTION_STARTED"
    } == {"RED"}
    changes = town.ask(
        """{ colourChanges(filter: {region: ["320413"]}, from: "2024-07-02", to: "2024-12-31") {
            from to on cause { type } } }"""
    )["colourChanges"]
    assert [(each["from"], each["to"], each["on"]) for each in changes] == [
        ("RED", "YELLOW", "2024-07-10"),
        ("YELLOW", "RED", "2024-10-01"),
    ]
    assert changes[0]["cause"]["type"] == "ColourOverridden"
