"""Gather what stands behind the endpoint, whatever a request is carried by."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from starlette.requests import HTTPConnection

from api.engine import Engine
from api.following import Following
from api.rates import Allowance, Rates, TooFast
from api.receiving import HandOut, Writer
from api.request import Caller, Request
from intake.grant import Grant
from intake.intake import Intake

Authenticate = Callable[[HTTPConnection, str | None], Awaitable[Grant | None]]
"""Gives what a caller may do; a token beside the connection comes before one in its headers."""
Admit = Callable[[HTTPConnection, str | None], Awaitable[Caller | None]]
"""Gives who may read now, or None: asked when a connection is opened and again while it stays."""


ANYBODY = Caller()


@dataclass(frozen=True)
class Served:
    """What stands behind the endpoint while the program runs.

    Without an intake and a way to tell who is calling nothing can be written. Without a way to
    recognise callers all of them are anybody.
    """

    engine: Engine
    intake: Intake | None = None
    authenticate: Authenticate | None = None
    recognise: Callable[[HTTPConnection], Awaitable[Caller]] | None = None
    admit: Admit | None = None
    rates: Rates | None = None
    hand_out: HandOut | None = None

    @cached_property
    def following(self) -> Following:
        """Give what answers subscriptions."""
        return Following(self.engine)

    async def caller(self, connection: HTTPConnection) -> Caller:
        """Tell who asks, for rates and records."""
        return ANYBODY if self.recognise is None else await self.recognise(connection)

    async def admitted(self, connection: HTTPConnection, secret: str | None) -> Caller | None:
        """Tell who may read over a connection that stays open; None if nobody may."""
        return Caller() if self.admit is None else await self.admit(connection, secret)

    def writer(self, connection: HTTPConnection, secret: str | None = None) -> Writer | None:
        """Give the door for mutations; who stands before it is only found out when it matters."""
        authenticate, intake = self.authenticate, self.intake
        if authenticate is None or intake is None:
            return None
        return Writer(intake, lambda: authenticate(connection, secret), self.hand_out)

    def request(
        self,
        members: Mapping[str, Any],
        caller: Caller,
        language: str,
        tell: Callable[[Allowance], None] | None = None,
        **further: Any,
    ) -> Request:
        """Put together what the engine needs to know; `tell` learns what the caller has left.

        What a carrier knows beyond that is given by the names of `Request`.
        """

        def charge(cost: int) -> None:
            if self.rates is None or not caller.is_limited:
                return
            try:
                allowance = self.rates.take(caller.key or caller.name, cost, caller.points)
            except TooFast as problem:
                if tell is not None:
                    tell(problem.allowance)
                raise
            if allowance is not None and tell is not None:
                tell(allowance)

        return Request(
            query=members["query"],
            document_id=members["documentId"],
            operation_name=members["operationName"],
            variables=members["variables"],
            language=language,
            reach=caller.reach,
            charge=charge,
            caller=caller.name,
            **further,
        )

    async def close(self) -> None:
        """Close what is open."""
        if "following" in self.__dict__:
            await self.following.close()
        await self.engine.close()
