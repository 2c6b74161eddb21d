"""What cannot be true beside what is known of a project."""

from typing import Any

import pytest
from msgspec.structs import replace

from domain.districts import is_known
from domain.errors import Refused
from domain.fact import Fact
from domain.plausibility import Claim, check, history_of
from domain.policies import preset
from tests.judgement.facts import fact

RULES = preset("plausibility/default@1").rules


def reported(month: str, yuan: int, basis: str = "reported") -> Fact:
    return fact(
        "InvestmentReported",
        month,
        basis=basis,
        ytd={"yuan": yuan},
        cumulative=None,
        composition=None,
    )


def signed(yuan: int, on: str = "2024-02-01") -> Fact:
    return fact("ProjectSigned", on, total_investment={"yuan": yuan}, fixed_asset_investment=None)


def code(claimed: Fact, *known: Fact, **rules: Any) -> str | None:
    """Give the code of what is wrong with a fact beside others, None where nothing is."""
    record = f"{claimed.source.system}/{claimed.source.record_id}"
    claim = Claim(claimed.kind, claimed.payload, claimed.occurred_on, record)
    try:
        check(claim, history_of(known), RULES | rules)
    except Refused as problem:
        return f"{problem.code}" if str(problem) and problem.cure else "without words"
    return None


@pytest.mark.parametrize(
    ("claimed", "known", "wrong"),
    [
        (reported("2025-03", 10**8), (signed(10**9), reported("2025-02", 9 * 10**7)), None),
        (reported("2025-03", 10**12), (signed(10**9),), "ytd_over_total"),
        (reported("2025-03", 10**13), (signed(10**9),), "unit_slip"),
        (reported("2025-03", 10**12), (reported("2025-02", 9 * 10**7),), "unit_slip"),
        (reported("2025-03", 10**4), (reported("2025-02", 9 * 10**7),), "unit_slip"),
        (reported("2025-03", 8 * 10**7), (reported("2025-02", 9 * 10**7),), "ytd_falls"),
        (reported("2025-01", 10**5), (reported("2024-12", 9 * 10**8), signed(10**9)), None),
        (
            reported("2025-03", 8 * 10**7),
            (reported("2025-02", 9 * 10**7, "statistical"),),
            None,
        ),
        (reported("2025-03", 45 * 10**10), (reported("2025-02", 9 * 10**7),), "unit_slip"),
        (reported("2025-03", 45 * 10**10 - 1), (reported("2025-02", 9 * 10**7),), None),
        (reported("2025-03", 18_000), (reported("2025-02", 9 * 10**7),), "unit_slip"),
        (reported("2025-03", 18_001), (reported("2025-02", 9 * 10**7),), "ytd_falls"),
        (reported("2025-02", 8 * 10**7), (reported("2025-02", 9 * 10**7),), None),
        (reported("2025-02", 8 * 10**7), (reported("2025-03", 9 * 10**7),), None),
        (reported("2025-12", 16 * 10**8), (signed(10**9),), "ytd_over_total"),
        (reported("2025-12", 15 * 10**8), (signed(10**9),), None),
        (reported("2025-12", 15 * 10**8), (), None),
        (signed(10**13), (fact("InvestmentApprovalObtained", "2024-01-03"),), "unit_slip"),
        (signed(10**4), (fact("InvestmentApprovalObtained", "2024-01-03"),), "unit_slip"),
        (fact("ConstructionStarted", "2019-01-31"), (signed(10**9),), "start_long_before_signing"),
        (fact("ConstructionStarted", "2019-02-01"), (signed(10**9),), None),
        (
            signed(10**9, "2024-02-29"),
            (fact("ConstructionStarted", "2019-02-27"),),
            "start_long_before_signing",
        ),
        (fact("LandAwarded", "2024-01-01", area_mu="10000.1"), (), "area_implausible"),
        (fact("LandAwarded", "2024-01-01", area_mu="10000"), (), None),
        (
            fact(
                "ProjectDetailsRevised",
                "2024-01-01",
                changes={"intended_land_mu": {"old": "53", "new": "530000"}},
            ),
            (),
            "area_implausible",
        ),
        (fact("PreAssessmentSubmitted", "2024-01-01"), (), None),
        (fact("ProjectRegistered", "2024-01-01", district="320599"), (), "unknown_district"),
        (fact("ProjectRegistered", "2024-01-01", district="320552"), (), None),
        (
            fact(
                "ProjectDetailsRevised",
                "2024-01-01",
                changes={"district": {"old": "320582", "new": "321499"}},
            ),
            (),
            "unknown_district",
        ),
        (
            fact("ProjectListed", "2025-01-01", annual_plan={"yuan": 10**13}),
            (signed(10**9),),
            "unit_slip",
        ),
        (fact("ProjectListed", "2025-01-01", annual_plan={"yuan": 1}), (signed(10**9),), None),
    ],
)
def test_what_cannot_be_true_is_named(
    claimed: Fact, known: tuple[Fact, ...], wrong: str | None
) -> None:
    assert code(claimed, *known) == wrong


def test_a_record_is_not_held_against_itself() -> None:
    slip = reported("2025-02", 9 * 10**11)

    assert code(slip, slip) is None

    told = reported("2025-02", 9 * 10**7)
    put_right = replace(reported("2025-03", 8 * 10**7), source=told.source)
    assert code(put_right, told) is None


def test_the_policy_says_how_much_is_too_much() -> None:
    assert code(reported("2025-12", 16 * 10**8), signed(10**9), ytd_over_total_max="2") is None
    falling = reported("2025-03", 8 * 10**7), reported("2025-02", 9 * 10**7)
    assert code(*falling, ytd_may_fall=True) is None


@pytest.mark.parametrize(
    ("district", "known"),
    [
        ("320582", True),
        ("320500", True),
        ("320000", True),
        ("320270", True),
        ("320599", False),
        ("321402", False),
        ("110199", True),
    ],
)
def test_districts_of_the_province_are_known_and_of_others_only_the_form(
    district: str, known: bool
) -> None:
    assert is_known(district) is known
