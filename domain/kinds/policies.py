"""The rules judgements are made under, adopted version by version."""

import tomllib
from difflib import get_close_matches
from hashlib import sha256
from typing import Annotated, Any, ClassVar
from unicodedata import is_normalized

from pydantic import AfterValidator, Field, StringConstraints

from domain.errors import Malformed
from domain.incentive_rules import IncentiveRules
from domain.kinds.fields import Code, DayText, Identifier, Sha256, VersionLabel
from domain.kinds.payload import Payload
from domain.policy import Policy, document, parse
from domain.policy_rules import SECTIONS, FourEyesRules
from domain.toml_lines import line_of
from domain.validation import adapted

_BODY = """\
[policy]
id = "colour/example"
version = "2024.1"
kind = "colour"
effective_from = 2024-01-01
effective_to = 2024-12-31

[colour]
"""


def toml_text(value: str) -> str:
    """Refuse a policy body that storing would alter."""
    if not is_normalized("NFC", value):
        raise Malformed(
            code="invalid_text", cure="Normalise the policy file to NFC and hash it again."
        )
    return value


TomlText = Annotated[
    str,
    StringConstraints(strict=True, min_length=1, max_length=40_000),
    AfterValidator(adapted(toml_text)),
]


class PolicyAdopted(Payload):
    """A version of a policy was adopted, for the days it is effective."""

    kind = "PolicyAdopted"
    number = 62
    chinese = "政策版本生效"
    english = "policy adopted"
    occurred_on_means = "adopted on"
    stream_type = "policy"
    example: ClassVar[dict[str, Any]] = {
        "policy_id": "colour/example",
        "kind": "colour",
        "version": "2024.1",
        "effective_from": "2024-01-01",
        "effective_to": "2024-12-31",
        "sha256": sha256(_BODY.encode()).hexdigest(),
        "body": _BODY,
    }

    policy_id: Identifier
    policy_kind: Code = Field(alias="kind")
    version: VersionLabel
    effective_from: DayText
    effective_to: DayText | None = None
    sha256: Sha256
    body: TomlText

    @classmethod
    def validated(cls, data: object, path: str = "payload") -> dict[str, Any]:
        """Check also that the digest is the body's and that the interval is not reversed."""
        payload = super().validated(data, path)
        _check_toml(payload, path)
        digest = sha256(payload["body"].encode()).hexdigest()
        if digest != payload["sha256"]:
            raise Malformed(
                code="digest_mismatch",
                field=f"{path}.sha256",
                value=payload["sha256"],
                cure=f"Send the SHA-256 of the body's UTF-8 bytes, which is {digest}.",
            )
        if payload.get("effective_to", payload["effective_from"]) < payload["effective_from"]:
            raise Malformed(
                code="invalid_date",
                field=f"{path}.effective_to",
                value=payload["effective_to"],
                cure="Let effective_to be effective_from or a later day.",
            )
        _check_body(payload, path)
        return payload


def _check_toml(payload: dict[str, Any], path: str) -> None:
    """Refuse a body that is no TOML, of whatever kind."""
    try:
        document(payload["body"])
    except Malformed as error:
        raise error.within(path) from error


def _check_body(payload: dict[str, Any], path: str) -> None:
    """Refuse a body that cannot judge, or says otherwise than the payload about itself.

    A payload may leave the last day to the body, since no last day is also a statement.
    Kinds without rules of ours, and packages of incentives that name no beneficiary, are kept as
    they come: they are shown and never judge.
    """
    if payload["kind"] not in SECTIONS or _is_a_text(payload):
        return
    try:
        policy = parse(payload["body"])
    except Malformed as error:
        raise error.within(path) from error
    _check_kinds(policy, path)
    last = policy.effective_to
    told = {
        "policy_id": policy.id,
        "kind": policy.kind,
        "version": policy.version,
        "effective_from": policy.effective_from.isoformat(),
        "effective_to": None if last is None else last.isoformat(),
    }
    for field, value in told.items():
        left_out = field == "effective_to" and payload.get(field) is None
        if payload.get(field) != value and not left_out:
            raise Malformed(
                code="policy_mismatch",
                field=f"{path}.{field}",
                value=payload.get(field),
                cure=f"Let it be what the body says: {value}.",
            )


def _is_a_text(payload: dict[str, Any]) -> bool:
    """Tell whether a package of incentives names nobody whom it is for."""
    if payload["kind"] != IncentiveRules.kind:
        return False
    rules = tomllib.loads(payload["body"]).get(IncentiveRules.section())
    return not isinstance(rules, dict) or "beneficiary" not in rules


def _check_kinds(policy: Policy, path: str) -> None:
    """Refuse rules about kinds of facts that there are not, which would never hold."""
    named = policy.rules["kinds"] if policy.kind == FourEyesRules.kind else []
    known = [each.kind for each in Payload.__subclasses__()]
    unknown = next((each for each in named if each not in known), None)
    if unknown is not None:
        near = get_close_matches(unknown, known, n=1)
        line = line_of(policy.body, (FourEyesRules.section(), "kinds"))
        raise Malformed(
            code="invalid_policy",
            field=f"{path}.body line {line}: {FourEyesRules.section()}.kinds",
            value=unknown,
            cure=f"Name a kind of fact, such as {(near or ['LandAwarded'])[0]}.",
        )
