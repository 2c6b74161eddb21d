"""A client of the ledger in one module: append, follow, query.

It needs nothing of this project and only `httpx2`, so it may be copied into another program.

    with LedgerClient("http://127.0.0.1:8000", token) as ledger:
        for receipt in ledger.append(events):
            print(receipt["status"], receipt.get("cure", ""))
        for event in ledger.follow(after=0, wait_seconds=None):
            print(event["position"], event["type"])
        print(ledger.query("{ board { region red yellow green } }")["board"])

Whatever is sent may be sent again: each request carries an Idempotency-Key, and each fact is known
by its source, record and version. So every failure that may pass is simply tried again.
"""

import json
import random
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from types import TracebackType
from typing import Any, Self

import httpx2

Event = Mapping[str, Any]
"""A CloudEvent."""
Receipt = dict[str, Any]
"""What became of an event: index, status, and event_id and position, or code, field and cure."""

FACTS_AT_ONCE = 1_000
PAGE = 1_000
_RANDOM = random.SystemRandom()
_MAY_PASS = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 10.0


class LedgerRefused(Exception):
    """The ledger refused a request as a whole."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        """Carry the HTTP status and the problem: code, field, value, cure."""
        self.status = status
        self.problem = dict(problem)
        said = (self.problem.get("code"), self.problem.get("message"), self.problem.get("cure"))
        super().__init__(" ".join(str(part) for part in said if part))


class LedgerClient:
    """Speaks with one ledger; what fails and may pass is tried again while patience lasts."""

    def __init__(
        self,
        address: str,
        token: str | None = None,
        *,
        patience_seconds: float = 60.0,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        """Speak with the ledger at an address; `transport` is for tests."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx2.Client(
            base_url=address, headers=headers, timeout=30.0, transport=transport
        )
        self._patience_seconds = patience_seconds

    def __enter__(self) -> Self:
        """Use the client in a `with`."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connections."""
        self._http.close()

    def append(
        self, events: Iterable[Event | str | bytes], *, batch: str | None = None
    ) -> Iterator[Receipt]:
        """Send events, some at a time, and give each its receipt, in order.

        An event may be given as a line of JSON. All of them are one batch, whose receipts can be
        asked for later. Raises LedgerRefused when the ledger takes none at all.
        """
        batch = batch or str(uuid.uuid4())
        lines = (event if isinstance(event, str | bytes) else _line(event) for event in events)
        index = 0
        while part := list(islice(lines, FACTS_AT_ONCE)):
            for receipt in self._sent(part, batch):
                yield {**receipt, "index": index}
                index += 1

    def batch(self, batch: str) -> dict[str, Any]:
        """Give what became of a batch: its counts and all receipts. Raises LedgerRefused."""
        found: dict[str, Any] = self._asked("GET", f"/batches/{batch}").json()
        return found

    def query(self, document: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Ask a GraphQL question and give its data. Raises LedgerRefused."""
        body = {"query": document, "variables": dict(variables or {})}
        answer = self._asked("POST", "/graphql", content=_line(body), headers=_JSON).json()
        if answer.get("errors"):
            first = answer["errors"][0]
            raise LedgerRefused(200, {"message": first["message"], **first.get("extensions", {})})
        data: dict[str, Any] = answer["data"]
        return data

    def follow(
        self,
        after: int = 0,
        *,
        types: Iterable[str] | None = None,
        stream: str | None = None,
        source: str | None = None,
        region: Iterable[str] | None = None,
        wait_seconds: float | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Give every event after a position, in order, and go on as new ones are recorded.

        Remember the last position and follow from there the next time. Ends when nothing new came
        for `wait_seconds`; without it, never. What is empty is refused by the ledger; None leaves
        nothing out.
        """
        limits = {
            "kind": None if types is None else ",".join(types),
            "stream": stream,
            "source": source,
            "region": None if region is None else ",".join(region),
            "limit": str(PAGE),
        }
        wanted = {name: text for name, text in limits.items() if text is not None}
        last_news, pause = time.monotonic(), _FIRST_PAUSE_SECONDS
        while True:
            page = self._asked("GET", "/events", params={**wanted, "after": str(after)}).json()
            yield from page["events"]
            after = page["after"]
            if page["more"]:
                continue
            if page["events"]:
                last_news, pause = time.monotonic(), _FIRST_PAUSE_SECONDS
            if wait_seconds is not None and time.monotonic() - last_news >= wait_seconds:
                return
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS, wait_seconds or _LONGEST_PAUSE_SECONDS)

    def _sent(self, lines: list[str | bytes], batch: str) -> list[Receipt]:
        """Send some lines and give their receipts. Raises LedgerRefused."""
        body = b"\n".join(line.encode() if isinstance(line, str) else line for line in lines)
        headers = {
            "Content-Type": "application/x-ndjson",
            "Ledger-Batch": batch,
            "Idempotency-Key": str(uuid.uuid4()),
        }
        try:
            answer = self._asked("POST", "/events", content=body, headers=headers)
        except LedgerRefused as refused:
            # If not one of them can be read, the request is refused, and each is told why.
            told: list[Receipt] | None = refused.problem.get("receipts")
            if told is None:
                raise
            return told
        receipts: list[Receipt] = answer.json()["receipts"]
        return receipts

    def _asked(self, method: str, path: str, **request: Any) -> httpx2.Response:
        """Send a request until it is answered. Raises LedgerRefused, or what the network raised."""
        give_up_at = time.monotonic() + self._patience_seconds
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                answer = self._http.request(method, path, **request)
            except httpx2.TransportError:
                if time.monotonic() + pause > give_up_at:
                    raise
                wanted = 0.0
            else:
                if answer.is_success:
                    return answer
                wanted = _seconds(answer.headers.get("retry-after"))
                may_pass = answer.status_code in _MAY_PASS
                if not may_pass or time.monotonic() + max(pause, wanted) > give_up_at:
                    raise LedgerRefused(answer.status_code, _problem(answer))
            # Many who failed together shall not come again together.
            time.sleep(max(wanted, pause * _RANDOM.uniform(0.5, 1.0)))
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


_JSON = {"Content-Type": "application/json"}


def _line(value: Mapping[str, Any]) -> bytes:
    """Write JSON in one line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _seconds(retry_after: str | None) -> float:
    """Read how long the ledger wants to be left alone."""
    return float(retry_after) if retry_after and retry_after.isdecimal() else 0.0


def _problem(answer: httpx2.Response) -> dict[str, Any]:
    """Read what is wrong, from whoever answered."""
    try:
        problem = answer.json()
    except ValueError:
        problem = None
    if not isinstance(problem, dict):
        return {"code": "unexpected_answer", "message": answer.text[:200]}
    first: dict[str, Any] = problem["errors"][0] if problem.get("errors") else problem
    return first
