"""What is one and what is several: projects bundled or split, identities found to be the same."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from domain.errors import Malformed
from domain.kinds.fields import Confidence, Identifier, Text
from domain.kinds.payload import Payload
from domain.money import Money


class ProjectSplitOrMerged(Payload):
    """One project became several, or several became one, with the plan of the year shared out."""

    kind = "ProjectSplitOrMerged"
    number = 7
    chinese = "打包/拆分"
    english = "project split or merged"
    occurred_on_means = "effective on"
    example: ClassVar[dict[str, Any]] = {
        "operation": "split",
        "from": ["XM-17"],
        "to": ["XM-17", "XM-18"],
        "allocation": {"XM-17": {"yuan": 100_000_000}, "XM-18": {"yuan": 50_000_000}},
    }

    operation: Literal["split", "merge"]
    sources: list[Identifier] = Field(alias="from", min_length=1)
    results: list[Identifier] = Field(alias="to", min_length=1)
    allocation: dict[str, Money]

    @classmethod
    def validated(cls, data: object, path: str = "payload") -> dict[str, Any]:
        """Check also that one side is one project, and that the plan is shared among its heirs."""
        payload = super().validated(data, path)
        sources = payload["from"] = _bare(payload["from"])
        results = payload["to"] = _bare(payload["to"])
        payload["allocation"] = {
            project.removeprefix("project/"): share
            for project, share in payload["allocation"].items()
        }
        one, many = ("from", "to") if payload["operation"] == "split" else ("to", "from")
        if len(payload[one]) != 1 or len(payload[many]) == 1:
            raise Malformed(
                code="invalid_value",
                field=f"{path}.{one}",
                value=payload[one],
                cure="A split goes from one project to several, a merger from several to one.",
            )
        shared = set(payload["allocation"])
        merged = payload["operation"] == "merge"
        if shared != set(results) and not (merged and shared == set(sources)):
            raise Malformed(
                code="invalid_value",
                field=f"{path}.allocation",
                value=sorted(shared),
                cure="Give the share of each project in to; of a merger you may give each in from.",
            )
        return payload


class IdentitiesLinked(Payload):
    """What was known under several identities was found to be one."""

    kind = "IdentitiesLinked"
    number = 65
    chinese = "身份合并"
    english = "identities linked"
    occurred_on_means = "decided on"
    other_streams = frozenset({"enterprise"})
    example: ClassVar[dict[str, Any]] = {
        "kind": "project",
        "keep": "XM-17",
        "absorb": ["code:2407-320582-89-01-729324"],
        "basis": "同一企业同一地块，项目重复赋码",
        "confidence": "high",
    }

    subject_kind: Literal["project", "enterprise", "parcel"] = Field(alias="kind")
    keep: Identifier
    absorb: list[Identifier] = Field(min_length=1)
    basis: Text
    confidence: Confidence

    @classmethod
    def validated(cls, data: object, path: str = "payload") -> dict[str, Any]:
        """Check also that nothing is to absorb itself."""
        payload = super().validated(data, path)
        prefix = f"{payload['kind']}/"
        payload["keep"] = payload["keep"].removeprefix(prefix)
        payload["absorb"] = [each.removeprefix(prefix) for each in payload["absorb"]]
        if payload["keep"] in payload["absorb"]:
            raise Malformed(
                code="invalid_value",
                field=f"{path}.absorb",
                value=payload["keep"],
                cure="Leave out of absorb what is kept.",
            )
        return payload


def _bare(projects: list[str]) -> list[str]:
    """Give project ids without the type of their stream, each once and in the order given."""
    return list(dict.fromkeys(project.removeprefix("project/") for project in projects))
