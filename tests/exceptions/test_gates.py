"""Facts that cannot be true are kept and listed, and never reach a read model."""

from typing import Any

from domain.policies import preset
from intake.desk import Desk
from intake.quarantine import listed
from tests.exceptions.conftest import EVERYTHING, Event, Town, adoption, amended, event, registered


def reported(project: str, month: str, yuan: int, /, revision: int = 1) -> Event:
    return event(
        "InvestmentReported",
        f"{project}-i-{month}",
        month,
        project,
        revision=revision,
        basis="reported",
        ytd={"yuan": yuan},
        cumulative=None,
        composition=None,
    )


def invested(town: Town, project: str) -> list[tuple[str, str]]:
    """Give the months and the amounts in 万元 that the read models know."""
    points = town.project(
        project, "investment(year: 2025, basis: REPORTED) { period ytd { amount } }"
    )
    return [(point["period"], point["ytd"]["amount"]) for point in points["investment"]]


def kept(town: Town, project: str) -> list[str]:
    """List the codes of what is held back of a project, the newest first."""

    async def rows() -> list[dict[str, Any]]:
        async with town.pool.connection() as connection:
            return await listed(connection, decided=False, limit=1000)

    return [row["code"] for row in town.run(rows()) if row["subject"] == f"project/{project}"]


def signed(project: str, on: str = "2024-02-01") -> Event:
    return event(
        "ProjectSigned",
        f"{project}-s",
        on,
        project,
        total_investment={"yuan": 10**9},
        fixed_asset_investment=None,
    )


def test_a_slip_is_kept_and_the_right_report_enters(town: Town) -> None:
    town.send(registered("a"), signed("a"), reported("a", "2025-01", 20_000_000))

    statuses = town.statuses(
        reported("a", "2025-02", 400_000_000_000),
        reported("a", "2025-02", 400_000_000_000),
        reported("a", "2025-02", 40_000_000, revision=2),
    )

    assert statuses == ["quarantined", "quarantined", "accepted"]
    assert kept(town, "a") == ["unit_slip"]
    assert invested(town, "a") == [("2025-01", "2000"), ("2025-02", "4000")]


def test_what_a_person_vouches_for_is_not_doubted_again(town: Town) -> None:
    town.send(registered("v"), signed("v"), reported("v", "2025-01", 20_000_000))
    assert town.statuses(reported("v", "2025-02", 400_000_000_000)) == ["quarantined"]

    async def release() -> str:
        async with town.pool.connection() as connection:
            rows = await listed(connection, decided=False, limit=1000)
        [number] = [row["number"] for row in rows if row["subject"] == "project/v"]
        decision = await Desk(town.intake, town.pool, EVERYTHING).release(number, "so it is")
        return decision.receipt.status.value

    assert town.run(release()) == "accepted"
    town.send()
    assert invested(town, "v")[-1] == ("2025-02", "40000000")


def test_within_one_call_earlier_reports_count(town: Town) -> None:
    statuses = town.statuses(
        registered("b"),
        signed("b"),
        reported("b", "2025-01", 30_000_000),
        reported("b", "2025-02", 20_000_000),
        reported("b", "2025-03", 3_000_000_000),
    )

    assert statuses == ["accepted", "accepted", "accepted", "quarantined", "quarantined"]
    assert sorted(kept(town, "b")) == ["ytd_falls", "ytd_over_total"]
    assert invested(town, "b") == [("2025-01", "3000")]


def test_within_one_call_what_is_put_right_counts(town: Town) -> None:
    town.send(registered("g"), signed("g"), reported("g", "2025-01", 90_000_000))
    town.send(registered("h"), signed("h"), reported("h", "2025-01", 90_000_000))
    right = reported("g", "2025-01", 30_000_000)["data"]

    corrected = town.statuses(
        amended("EventCorrected", "g-c", "g-i-2025-01", "2025-02-01", payload=right),
        reported("g", "2025-02", 40_000_000),
    )
    retracted = town.statuses(
        amended("EventRetracted", "h-c", "h-i-2025-01", "2025-02-01"),
        reported("h", "2025-02", 40_000_000),
    )

    assert corrected == retracted == ["accepted", "accepted"]
    assert invested(town, "g") == [("2025-01", "3000"), ("2025-02", "4000")]
    assert invested(town, "h") == [("2025-02", "4000")]


def test_a_correction_cannot_bring_in_what_the_fact_itself_could_not(town: Town) -> None:
    town.send(registered("c"), signed("c"), reported("c", "2025-01", 30_000_000))
    slip = reported("c", "2025-01", 300_000_000_000)["data"]

    held = town.statuses(
        amended("EventCorrected", "c-c", "c-i-2025-01", "2025-02-01", payload=slip)
    )
    right = town.statuses(
        amended(
            "EventCorrected",
            "c-d",
            "c-i-2025-01",
            "2025-02-01",
            payload=slip | {"ytd": {"yuan": 35_000_000}},
        )
    )

    assert (held, right) == (["quarantined"], ["accepted"])
    assert invested(town, "c") == [("2025-01", "3500")]


def test_a_correction_of_other_facts_is_held_against_what_is_known_too(town: Town) -> None:
    town.send(registered("n", intended_investment={"yuan": 10**9}), signed("n"))
    slip = signed("n")["data"] | {"total_investment": {"yuan": 10**13}}

    held = town.send(amended("EventCorrected", "n-c", "n-s", "2025-02-01", payload=slip))

    assert [receipt.code for receipt in held] == ["unit_slip"]


def test_land_dates_and_districts_are_held_against_reason(town: Town) -> None:
    statuses = town.statuses(
        registered("d", district="320599"),
        registered("e"),
        signed("e"),
        event("LandAwarded", "e-l", "2024-06-01", "e", area_mu="35366.7"),
        event("ConstructionStarted", "e-b", "2018-06-01", "e"),
        event("LandDelivered", "e-f", "2025-12-01", "e"),
    )

    assert statuses == [
        "quarantined",
        "accepted",
        "accepted",
        "quarantined",
        "quarantined",
        "quarantined",
    ]
    assert kept(town, "d") == ["unknown_district"]
    assert kept(town, "e") == ["future_fact", "start_long_before_signing", "area_implausible"]
    assert town.project("e", "suppliedLand { value } phase") == {
        "suppliedLand": None,
        "phase": "SIGNING",
    }
    assert town.project("d", "title") is None


def test_the_gates_are_open_until_a_policy_is_in_force(bare_town: Town) -> None:
    rules = preset("plausibility/default@1")
    before = bare_town.statuses(
        registered("f"), signed("f"), reported("f", "2025-01", 10**13), adoption(rules)
    )
    after = bare_town.statuses(reported("f", "2025-02", 10**13))

    assert before == ["accepted"] * 4
    assert after == ["quarantined"]
    assert invested(bare_town, "f") == [("2025-01", "1000000000")]


def test_what_one_call_did_not_look_up_the_next_one_does(town: Town) -> None:
    town.send(registered("g"), signed("g"))

    town.send(event("LandDelivered", "g-d", "2024-06-01", "g"))

    assert town.statuses(reported("g", "2025-03", 16 * 10**8)) == ["quarantined"]


def test_reports_at_odds_say_so_where_no_gate_held_them(bare_town: Town) -> None:
    months = ((1, 50), (2, 40), (3, 60))
    other = reported("h", "2025-03", 70)
    bare_town.send(
        registered("h"),
        *(reported("h", f"2025-0{month}", yuan) for month, yuan in months),
        {**other, "source": "/sources/bureau"},
    )

    told = bare_town.project(
        "h",
        """investment(year: 2025, basis: REPORTED) {
            fell ytd { amount(unit: YUAN) } reports { source { system } }
        }
        deviations { rule }""",
    )
    listed = bare_town.ask("""{
        unasked: deviations { rule } asked: deviations(rule: "S12") { events { payload } }
    }""")

    points = told["investment"]
    assert [point["fell"] for point in points] == [False, True, False]
    # Of what two sources say of a month the last in the order of facts counts; both are shown.
    assert [each["source"]["system"] for each in points[2]["reports"]] == ["bureau", "approval"]
    assert points[2]["ytd"]["amount"] == "70"
    assert [each["rule"] for each in told["deviations"]] == ["S12", "S13"]
    assert [each["payload"]["ytd"]["yuan"] for each in listed["asked"][0]["events"]] == [60, 70]
    assert listed["unasked"] == []
