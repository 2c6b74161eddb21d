"""Facts of one project that say something against each other are shown, never refused."""

import pytest

from domain.fact import Fact
from domain.order import deviations
from tests.judgement.facts import fact, permit

ENDED = fact("ProjectTerminated", "2024-06-01")
STARTED = fact("ConstructionStarted", "2024-06-02", basis="filing")
AWARD = fact("LandAwarded", "2024-03-01", parcel_id="P", area_mu="100")
PERMIT = permit("construction_permit", "2024-01-05", certificate_no="Z")
AGAIN = permit("construction_permit", "2024-05-01", certificate_no="Z")
LAPSED = fact("PermitLapsedOrRevoked", "2024-04-05", certificate_no="Z")


@pytest.mark.parametrize(
    ("facts", "rule", "shown"),
    [
        ([ENDED, STARTED], "S01", (ENDED, STARTED)),
        ([fact("ProjectTerminated", "2024-06"), STARTED], "S01", None),
        ([fact("PerformanceAgreementSigned", "2027-01-02", capacity_due="2026")], "S02", ...),
        ([fact("PerformanceAgreementSigned", "2024-01-02")], "S02", None),
        (
            [AWARD, fact("LandContractSigned", "2024-04-01", parcel_id="P", area_mu="101.1")],
            "S03",
            ...,
        ),
        (
            [AWARD, fact("LandContractSigned", "2024-04-01", parcel_id="P", area_mu="101")],
            "S03",
            None,
        ),
        (
            [AWARD, fact("LandContractSigned", "2024-04-01", parcel_id="Q", area_mu="1")],
            "S03",
            None,
        ),
        ([PERMIT, LAPSED, STARTED], "S04", (LAPSED, STARTED)),
        ([PERMIT, LAPSED, AGAIN, STARTED], "S04", None),
        ([PERMIT, STARTED], "S04", None),
    ],
)
def test_what_facts_say_against_each_other_is_told(
    facts: list[Fact], rule: str, shown: tuple[Fact, ...] | None
) -> None:
    found = [each.facts for each in deviations(facts) if each.rule == rule]

    assert found == ([] if shown is None else [tuple(facts) if shown is ... else shown])
