"""The requests of enterprises and what became of them."""

from collections.abc import Iterable
from typing import ClassVar, Final

from domain.fact import Fact
from domain.flexdate import FlexDate
from projections.folding.payload import flag, text
from projections.folding.projection import Column
from projections.folding.served import ServedView

ACTS: Final = {
    "RequestReceived": "received",
    "RequestDispatched": "dispatched",
    "RequestAnswered": "answered",
    "RequestFollowedUp": "followed_up",
}


class Requests(ServedView):
    """One row a step of a request (企业诉求): received, dispatched, answered or followed up.

    `at` is the moment of the step where its time of day is known, `due_at` likewise.
    """

    name = "requests"
    kinds = frozenset(ACTS)
    columns: ClassVar[tuple[Column, ...]] = (
        Column("request_id", 'text COLLATE "C" NOT NULL'),
        Column("act", "text NOT NULL"),
        Column("at", "timestamptz"),
        Column("district", 'text COLLATE "C"'),
        Column("enterprise", "text"),
        Column("channel", "text"),
        Column("category", "text"),
        Column("urgency", "text"),
        Column("department", "text"),
        Column("list_item", "text"),
        Column("due_at", "timestamptz"),
        Column("due_to", "date"),
        Column("outcome", "text"),
        Column("satisfied", "text"),
        Column("solved", "text"),
        Column("reopened", "boolean NOT NULL"),
    )
    indexes = ("(stream, request_id, order_key)", "(day_to) WHERE act = 'received'")

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give what the step says."""
        payload = fact.payload
        due = FlexDate.parse(str(payload["resolve_due"])) if "resolve_due" in payload else None
        yield (
            text(payload, "request_id"),
            ACTS[fact.kind],
            fact.occurred_on.instant,
            text(payload, "district"),
            text(payload, "enterprise"),
            text(payload, "channel"),
            text(payload, "category"),
            text(payload, "urgency"),
            text(payload, "to_department"),
            text(payload, "list_item"),
            due.instant if due else None,
            due.latest if due else None,
            text(payload, "outcome"),
            text(payload, "satisfied"),
            text(payload, "solved"),
            flag(payload, "reopened"),
        )


VIEW = Requests()
