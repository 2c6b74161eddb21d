"""Details, agreements and plans that were changed by decision, told and asked."""

from tests.exceptions.conftest import Town, amended, event, registered


def revised(record: str, on: str, project: str, **changes: tuple[object, object]) -> dict:
    told = {name: {"old": old, "new": new} for name, (old, new) in changes.items()}
    return event("ProjectDetailsRevised", record, on, project, changes=told)


def test_a_project_is_called_by_its_new_name_from_the_day_on(town: Town) -> None:
    town.send(
        registered("a", title="旧名", district="320582", park="大新镇"),
        event("ProjectSigned", "a-s", "2024-02-01", "a"),
        revised("a-r1", "2024-06-01", "a", title=("旧名", "新名"), park=("大新镇", None)),
        revised(
            "a-r2",
            "2024-08-01",
            "a",
            total_investment=({"yuan": 380_000_000}, {"yuan": 500_000_000}),
        ),
    )
    fields = "title park region totalInvestment { amount(unit: YI_YUAN) }"

    assert town.project("a", fields, on="2024-05-31") == {
        "title": "旧名",
        "park": "大新镇",
        "region": "320582",
        "totalInvestment": {"amount": "3.8"},
    }
    assert town.project("a", fields, on="2024-06-01")["title"] == "新名"
    assert town.project("a", fields) == {
        "title": "新名",
        "park": None,
        "region": "320582",
        "totalInvestment": {"amount": "5"},
    }


def test_a_revision_that_is_corrected_or_taken_back_changes_what_stands(town: Town) -> None:
    town.send(
        registered("b", title="一"),
        revised("b-r1", "2024-06-01", "b", title=("一", "二")),
        revised("b-r2", "2024-07-01", "b", title=("二", "三"), park=(None, "南丰镇")),
    )
    known = town.ask('{ events(stream: "b", first: 10) { nodes { position } } }')["events"]
    position = known["nodes"][-1]["position"]
    assert town.project("b", "title")["title"] == "三"

    town.send(
        amended("EventRetracted", "b-x", "b-r2", "2024-08-01"),
        amended(
            "EventCorrected",
            "b-y",
            "R-b",
            "2024-08-01",
            payload=registered("b", title="零", district="320552")["data"],
        ),
        amended(
            "EventCorrected",
            "b-z",
            "b-r1",
            "2024-08-01",
            payload={"changes": {"park": {"old": None, "new": "凤凰镇"}}},
        ),
    )

    now = town.project("b", "title park region")
    assert now == {"title": "零", "park": "凤凰镇", "region": "320552"}
    then = town.ask(
        """query Q($position: Int) {
            project(id: "b", asOf: {knownPosition: $position, on: "2025-03-31"}) { title park }
        }""",
        position=position,
    )
    assert then["project"] == {"title": "三", "park": "南丰镇"}


def test_a_region_filter_goes_by_the_district_of_the_day(town: Town) -> None:
    town.send(
        registered("c", district="320412"),
        revised("c-r", "2024-07-01", "c", district=("320412", "320413")),
    )
    counted = """query Q($on: Date!, $region: [ID!]) {
        projects(filter: {region: $region, text: "项目c"}, asOf: {on: $on}) { totalCount } }"""

    found = [
        town.ask(counted, on=on, region=[region])["projects"]["totalCount"]
        for on in ("2024-06-30", "2024-07-01")
        for region in ("320412", "320413")
    ]

    assert found == [1, 0, 0, 1]


def test_each_evaluation_is_held_against_the_targets_then_in_force(town: Town) -> None:
    intensity = {"unit": "万元/亩", "direction": "higher", "due": "2025-12"}
    town.send(
        registered("d"),
        event(
            "PerformanceAgreementSigned",
            "d-a",
            "2024-01-10",
            "d",
            agreement_id="X1",
            indicators={
                "investment_intensity": {"target": "1000", **intensity},
                "far": {"target": "2", "unit": "ratio", "direction": "higher", "due": "2025"},
            },
        ),
        event(
            "PerformanceAgreementAmended",
            "d-b",
            "2024-09-01",
            "d",
            agreement_id="X1",
            version="2",
            reason="市场变化",
            changes={
                "investment_intensity": {"old": "1000", "new": "800"},
                "far": {"old": "2", "new": None},
                "completion_due": {"old": "2026-03-31", "new": "2026-12-31"},
            },
        ),
        *(
            event(
                "PostEvaluationCompleted",
                f"d-e{number}",
                on,
                "d",
                evaluation_id=f"E{number}",
                checkpoint="annual",
                agreed={},
                actual={"investment_intensity": "800", "far": "2"},
                scores={},
            )
            for number, on in ((1, "2024-08-31"), (2, "2024-10-01"))
        ),
    )
    fields = """agreements postEvaluations { id indicators {
        code agreed attainment agreedFrom { type } } }"""

    project = town.project("d", fields)
    before, after = project["postEvaluations"]

    assert [(i["code"], i["agreed"], i["attainment"]) for i in before["indicators"]] == [
        ("far", "2", "100.0"),
        ("investment_intensity", "1000", "80.0"),
    ]
    (only,) = after["indicators"]
    assert (only["agreed"], only["attainment"]) == ("800", "100.0")
    assert only["agreedFrom"]["type"] == "PerformanceAgreementAmended"
    (agreement,) = project["agreements"]
    assert (agreement["version"], agreement["signedOn"], agreement["completionDue"]) == (
        "2",
        "2024-01-10",
        "2026-12-31",
    )
    assert agreement["indicators"]["investment_intensity"]["target"] == "800"
    (earlier,) = town.project("d", "agreements", on="2024-08-31")["agreements"]
    assert (earlier["version"], earlier["completionDue"]) == (None, "2026-03-31")


def test_a_fact_counts_again_once_its_retraction_is_taken_back(town: Town) -> None:
    def counting() -> tuple[list[bool], str]:
        told = town.project("again", "phase events { nodes { type retracted } }")
        return [each["retracted"] for each in told["events"]["nodes"][1:]], told["phase"]

    town.send(registered("again"), event("ConstructionStarted", "again-s", "2024-06-01", "again"))
    stood = counting()
    # Each comes alone, as one event of a batch that does nothing else to the fact.
    town.send(amended("EventRetracted", "again-r1", "again-s", "2024-06-05"))
    taken_back = counting()
    town.send(amended("EventRetracted", "again-r2", "again-r1", "2024-06-06"))

    assert stood == ([False], "CONSTRUCTION")
    assert taken_back[0] == [True, False]
    assert counting() == ([False, True, False], "CONSTRUCTION")
