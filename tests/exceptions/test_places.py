"""Land, premises and equipment: projects that stand where the usual ones do not."""

from domain.policy import parse
from tests.exceptions.conftest import Event, Town, adoption, event, registered

OCCUPIED = """[policy]
id = "intensity/occupied"
version = "1"
kind = "intensity"
jurisdiction = "320402"
effective_from = 2020-01-01
[intensity]
land = "occupied"
"""


def outcomes(town: Town, project: str, on: str | None = None) -> list[tuple[str, str | None]]:
    """Give the rules that a project breaks, with what excuses them."""
    found = town.project(project, "deviations { rule exemption }", on)["deviations"]
    return [(each["rule"], each["exemption"]) for each in found]


def test_a_project_without_a_plot_is_held_against_the_land_it_occupies(town: Town) -> None:
    """Exception 4: vertical factory, lease, own plant."""
    town.send(
        adoption(parse(OCCUPIED)),
        registered("a", district="320402", intended_land_mu=None),
        registered("b", district="320402", intended_land_mu=None),
        *(
            event(
                "ProjectSigned",
                f"{name}-s",
                "2024-02-01",
                name,
                fixed_asset_investment={"yuan": 62_000_000},
            )
            for name in "ab"
        ),
        event("PremisesSecured", "a-p", "2024-03-01", "a"),
        event("PermitIssued", "a-c", "2024-04-01", "a"),
        event("PremisesSecured", "b-p", "2024-03-01", "b", kind="lease", land_occupied_mu=None),
    )

    assert town.project("a", "intensity phase suppliedLand { value }") == {
        "intensity": "1000",
        "phase": "LANDING",
        "suppliedLand": None,
    }
    assert town.project("b", "intensity")["intensity"] is None
    assert outcomes(town, "a") == []


def test_equipment_alone_starts_a_project_when_it_is_installed(town: Town) -> None:
    """Exception 5: start is the first installation, an acceptance may be missing."""
    town.send(
        registered("c"),
        event("PremisesSecured", "c-p", "2024-03-01", "c", kind="owned-plant"),
        event("PhysicalProgressReported", "c-f", "2024-04-01", "c", element="piling"),
        event("PhysicalProgressReported", "c-i", "2024-05-06", "c", element="installation"),
        event("PhysicalProgressReported", "c-j", "2024-06-06", "c", element="installation"),
        event("Commissioned", "c-c", "2024-08-01", "c"),
        registered("d"),
        event("LandAwarded", "d-l", "2024-03-01", "d", parcel_id="D"),
        event("PhysicalProgressReported", "d-i", "2024-05-06", "d", element="installation"),
    )
    fields = "phase milestones { node actual }"

    installed = town.project("c", fields, on="2024-05-06")
    assert town.project("c", "phase", on="2024-05-05")["phase"] == "LANDING"
    assert installed["phase"] == "CONSTRUCTION"
    assert {"node": "CONSTRUCTION_STARTED", "actual": "2024-05-06"} in installed["milestones"]
    assert town.project("c", "phase")["phase"] == "COMMISSIONING"
    assert outcomes(town, "c") == []
    assert town.project("d", "phase")["phase"] == "LANDING"


def test_several_plots_and_several_permits_of_one_kind_add_up(town: Town) -> None:
    """Exception 6."""
    plots = (("P1", "10.5"), ("P2", "20.25"))
    town.send(
        registered("e"),
        event("AdmissionDecided", "e-a", "2024-02-01", "e", outcome="pass"),
        *(
            event("LandAwarded", f"e-{plot}", "2024-03-01", "e", parcel_id=plot, area_mu=mu)
            for plot, mu in plots
        ),
        *(
            event(
                "PermitIssued",
                f"e-c{number}",
                f"2024-04-0{number}",
                "e",
                case_no=f"case-{number}",
                certificate_no=f"cert-{number}",
            )
            for number in (1, 2)
        ),
        event("ConstructionStarted", "e-s", "2024-04-02", "e"),
    )

    project = town.project(
        "e", "suppliedLand { value } permits { caseNo } milestones { node actual }"
    )

    assert project["suppliedLand"]["value"] == "30.75"
    assert [each["caseNo"] for each in project["permits"]] == ["case-1", "case-2"]
    assert {"node": "CONSTRUCTION_PERMIT", "actual": "2024-04-01"} in project["milestones"]
    assert outcomes(town, "e") == []


def test_a_plot_has_one_holder_at_a_time(town: Town) -> None:
    def awarded(project: str, on: str) -> Event:
        return event("LandAwarded", f"W-{project}", on, project, parcel_id="P-held")

    town.send(
        *map(registered, ("held-1", "held-2", "held-3", "held-4")),
        awarded("held-1", "2024-02-01"),
        awarded("held-2", "2024-03-01"),
        event(
            "LandResumedOrIdle", "G-1", "2024-03-15", "held-2", parcel_id="P-held", act="resumed"
        ),
        awarded("held-3", "2024-04-01"),
        event("ProjectTerminated", "E-3", "2024-05-01", "held-3"),
        awarded("held-4", "2024-06-01"),
    )

    told = {
        name: town.project(name, "deviations { rule events { stream } }")["deviations"]
        for name in ("held-1", "held-2", "held-3", "held-4")
    }

    twice = {
        name: [
            each["stream"] for found in rows if found["rule"] == "S10" for each in found["events"]
        ]
        for name, rows in told.items()
    }
    assert twice == {
        "held-1": [],
        "held-2": ["project/held-1", "project/held-2"],
        "held-3": [],
        "held-4": [],
    }
