"""An adopted policy must be able to judge, and be what its adoption says it is."""

from hashlib import sha256
from typing import Any

import pytest

from domain.errors import Malformed
from domain.kinds import KINDS
from domain.policies import preset, presets
from domain.policy import Policy

ADOPTED = KINDS["PolicyAdopted"]


def adoption(policy: Policy, **changes: Any) -> dict[str, Any]:
    payload = {
        "policy_id": policy.id,
        "kind": policy.kind,
        "version": policy.version,
        "effective_from": policy.effective_from.isoformat(),
        "effective_to": policy.effective_to.isoformat() if policy.effective_to else None,
        "sha256": policy.sha256,
        "body": policy.body,
    }
    return {name: value for name, value in {**payload, **changes}.items() if value is not None}


@pytest.mark.parametrize("policy", presets(), ids=lambda policy: policy.ref)
def test_every_preset_can_be_adopted(policy: Policy) -> None:
    assert ADOPTED.validated(adoption(policy))["sha256"] == policy.sha256


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("policy_id", "colour/elsewhere"),
        ("version", "9"),
        ("kind", "listing"),
        ("effective_from", "2020-02-02"),
        ("effective_to", "2099-12-31"),
    ],
)
def test_an_adoption_that_contradicts_its_body_is_refused(field: str, value: str) -> None:
    with pytest.raises(Malformed) as caught:
        ADOPTED.validated(adoption(preset("capacity/default@1"), **{field: value}))

    assert (caught.value.code, caught.value.field) == ("policy_mismatch", f"payload.{field}")


def test_a_body_that_cannot_judge_is_refused_with_its_line() -> None:
    policy = preset("capacity/default@1")
    body = policy.body.replace("threshold_percent", "threshold")
    changed = adoption(policy, body=body, sha256=sha256(body.encode()).hexdigest())

    with pytest.raises(Malformed) as caught:
        ADOPTED.validated(changed)

    assert caught.value.code == "invalid_policy"
    assert "line 11: capacity.threshold" in str(caught.value.field)


def test_rules_for_a_kind_of_fact_that_there_is_not_are_refused_with_their_line() -> None:
    policy = preset("four-eyes/default@1")
    body = policy.body.replace('["ErasureApproved"]', '["ErasureApproved", "LandAwardd"]')
    changed = adoption(policy, body=body, sha256=sha256(body.encode()).hexdigest())

    with pytest.raises(Malformed) as caught:
        ADOPTED.validated(changed)

    assert (caught.value.code, caught.value.value) == ("invalid_policy", "LandAwardd")
    assert "line 10: four_eyes.kinds" in str(caught.value.field)
    assert "LandAwarded" in str(caught.value.cure)


def test_a_kind_without_rules_of_ours_is_kept() -> None:
    body = "[incentive]\nchains = []\n"
    changes = {"kind": "incentive", "body": body, "sha256": sha256(body.encode()).hexdigest()}

    assert (
        ADOPTED.validated(adoption(preset("capacity/default@1"), **changes))["kind"] == "incentive"
    )
