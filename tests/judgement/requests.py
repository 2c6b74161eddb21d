"""Short ways to tell what became of a request."""

from typing import Any

from domain.fact import Fact
from domain.policies import preset
from tests.judgement.facts import fact

RULES = preset("requests/default@1").rules


def received(request: str, at: str, project: str = "p1", **changes: Any) -> Fact:
    return fact("RequestReceived", at, project, request_id=request, **changes)


def dispatched(request: str, at: str, due: str, project: str = "p1", **changes: Any) -> Fact:
    return fact(
        "RequestDispatched",
        at,
        project,
        request_id=request,
        sign_due=due,
        resolve_due=due,
        **changes,
    )


def answered(
    request: str, at: str, outcome: str = "resolved", project: str = "p1", **changes: Any
) -> Fact:
    return fact("RequestAnswered", at, project, request_id=request, outcome=outcome, **changes)


def followed(
    request: str,
    at: str,
    satisfied: str,
    project: str = "p1",
    *,
    solved: str | None = None,
    reopened: bool = False,
) -> Fact:
    said = solved if solved or satisfied == "unreached" else satisfied
    return fact(
        "RequestFollowedUp",
        at,
        project,
        request_id=request,
        satisfied=satisfied,
        solved=said,
        reopened=reopened,
    )
