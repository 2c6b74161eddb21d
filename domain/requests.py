"""What became of enterprise requests: closed, solved, in time, to the enterprise's satisfaction.

A request is the facts of one stream that carry its id, folded in their order. *Closed* is one whose
last answer was not followed by a reopening. *Solved* is a closed one whose last answer was
`resolved` and which the enterprise, asked after that answer, did not call unsolved; an enterprise
that was not reached says nothing. The time runs from the first receipt to the last closing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, Final

from domain.fact import Fact
from domain.flexdate import FlexDate
from domain.policy_rules_service import EVERY_CATEGORY
from domain.ratio import Ratio
from domain.working_days import CalendarUnknown, published_years, shift

Rules = Mapping[str, Any]
AN_HOUR: Final = 3600 * 10**6
"""Microseconds."""


@dataclass(frozen=True, slots=True)
class Due:
    """When a request must be closed; without a day where the calendar does not reach."""

    day: date | None
    by: FlexDate | None = None

    def is_over(self, on: date) -> bool:
        """Tell whether the time is up on a day; beyond the published calendar it is not known."""
        if self.day is not None:
            return self.day < on
        return on.year not in published_years()

    def is_kept(self, closed: FlexDate) -> bool | None:
        """Tell whether a closing is in time; None where the dates cannot tell."""
        if self.day is None:
            return None
        if self.by is not None and self.by.instant is not None:
            if closed.instant is not None:
                return closed.instant <= self.by.instant
            if closed.earliest <= self.day <= closed.latest:
                return None
        if closed.latest <= self.day:
            return True
        return False if closed.earliest > self.day else None


@dataclass(frozen=True, slots=True)
class Request:
    """One request as its facts leave it."""

    received: FlexDate
    category: str
    channel: str
    dispatched: FlexDate | None
    departments: frozenset[str]
    resolve_due: FlexDate | None
    answer: FlexDate | None
    closed: bool
    solved: bool
    rounds: int
    satisfied: bool | None
    followed_up: bool

    def due(self, rules: Rules) -> Due | None:
        """Give when it must be closed: as dispatched, else as its category's clock says."""
        if self.resolve_due is not None:
            return Due(self.resolve_due.latest, self.resolve_due)
        clock = clock_of(rules, self.category)
        if clock is None:
            return None
        return Due(_shifted(self.received.latest, clock))

    def in_time(self, rules: Rules, on: date) -> bool | None:
        """Tell whether it was closed in time; one that is open is late once its time is up."""
        due = self.due(rules)
        if due is None:
            return None
        if self.closed and self.answer is not None:
            return due.is_kept(self.answer)
        return False if due.is_over(on) and due.day is not None else None

    def is_pending(self, rules: Rules, on: date) -> bool:
        """Tell whether it is open and its time is not up."""
        due = self.due(rules)
        return not self.closed and due is not None and not due.is_over(on)

    def until_dispatch(self) -> Fraction | None:
        """Give the hours from first receipt to first dispatch, where both are known."""
        return hours_between(self.received, self.dispatched)

    def signed_in_time(self, rules: Rules) -> bool | None:
        """Tell whether it was handed over within the hours its clock has; None without any."""
        clock, hours = clock_of(rules, self.category), self.until_dispatch()
        if clock is None or clock["sign_hours"] is None or hours is None:
            return None
        return hours <= int(clock["sign_hours"])

    def hours(self) -> Fraction | None:
        """Give the hours from receipt to closing, where both are known to the minute."""
        return hours_between(self.received, self.answer) if self.closed else None


def hours_between(start: FlexDate, end: FlexDate | None) -> Fraction | None:
    """Give the hours from one moment to a later one; None where a time of day is not known."""
    if end is None or start.instant is None or end.instant is None or end.instant < start.instant:
        return None
    return Fraction((end.instant - start.instant) // timedelta(microseconds=1), AN_HOUR)


def clock_of(rules: Rules, category: str) -> Mapping[str, Any] | None:
    """Give the clock of a category: its own, else that of every category, if there is one."""
    clocks = {clock["category"]: clock for clock in rules["clock"]}
    found: Mapping[str, Any] | None = clocks.get(category, clocks.get(EVERY_CATEGORY))
    return found


def _shifted(day: date, clock: Mapping[str, Any]) -> date | None:
    """Give the last day that a clock leaves, None beyond the published calendar."""
    days: int = clock["resolve_days"]
    if clock["count_days"] == "calendar":
        return day + timedelta(days=days)
    try:
        return shift(day, days)
    except CalendarUnknown:
        return None


def folded(facts: Iterable[Fact]) -> Request | None:
    """Fold the facts of one request; None before it was received."""
    ordered = sorted(facts, key=lambda fact: fact.order_key)
    received = _of("RequestReceived", ordered)
    if not received:
        return None
    dispatched = _of("RequestDispatched", ordered)
    answers = _of("RequestAnswered", ordered)
    followed = _of("RequestFollowedUp", ordered)
    reached = [fact for fact in followed if fact.payload["satisfied"] != "unreached"]
    answer = answers[-1] if answers else None
    after = [fact for fact in followed if answer and fact.order_key > answer.order_key]
    closed = answer is not None and not any(fact.payload["reopened"] for fact in after)
    told = [fact.payload["solved"] for fact in after if fact in reached]
    return Request(
        received=received[0].occurred_on,
        category=received[-1].payload["category"],
        channel=received[-1].payload["channel"],
        dispatched=dispatched[0].occurred_on if dispatched else None,
        departments=frozenset(fact.payload["to_department"] for fact in dispatched),
        resolve_due=FlexDate.parse(dispatched[-1].payload["resolve_due"]) if dispatched else None,
        answer=answer.occurred_on if answer else None,
        closed=closed,
        solved=closed and _resolves(answer) and told[-1:] != ["no"],
        rounds=1 + sum(fact.payload["reopened"] for fact in followed),
        satisfied=reached[-1].payload["satisfied"] == "yes" if reached else None,
        followed_up=bool(followed),
    )


def _of(kind: str, facts: Sequence[Fact]) -> list[Fact]:
    """Give the facts of one kind."""
    return [fact for fact in facts if fact.kind == kind]


def _resolves(answer: Fact | None) -> bool:
    """Tell whether an answer says that the request was resolved."""
    return answer is not None and answer.payload["outcome"] == "resolved"


@dataclass(frozen=True, slots=True)
class Measures:
    """What many requests come to, each share with its two sides."""

    received: int
    resolved: int
    of_due: Ratio
    of_received: Ratio
    in_time: Ratio
    satisfaction: Ratio
    followed_up: Ratio
    accuracy: Ratio
    signed_in_time: Ratio
    median_hours: Fraction | None


def measured(requests: Iterable[Request], rules: Rules, on: date) -> Measures:
    """Count requests on a day under the rules of a policy."""
    every = list(requests)
    resolved = sum(request.solved for request in every)
    pending = sum(request.is_pending(rules, on) for request in every)
    judged = [request.in_time(rules, on) for request in every]
    answered = [request for request in every if request.answer is not None]
    dispatched = [request for request in every if request.departments]
    hours = sorted(found for request in every if (found := request.hours()) is not None)
    signed = [request.signed_in_time(rules) for request in every]
    words = [request.satisfied for request in every]
    return Measures(
        received=len(every),
        resolved=resolved,
        of_due=Ratio(resolved, len(every) - pending),
        of_received=Ratio(resolved, len(every)),
        in_time=Ratio(judged.count(True), len(judged) - judged.count(None)),
        satisfaction=Ratio(words.count(True), len(words) - words.count(None)),
        followed_up=Ratio(sum(request.followed_up for request in answered), len(answered)),
        accuracy=Ratio(sum(len(r.departments) == 1 for r in dispatched), len(dispatched)),
        signed_in_time=Ratio(signed.count(True), len(signed) - signed.count(None)),
        median_hours=hours[(len(hours) - 1) // 2] if hours else None,
    )
