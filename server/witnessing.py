"""Ask the witnesses to cosign the last checkpoint, in a thread of its own.

Nothing waits for a witness: while one is down facts are recorded and signed as ever, and the
checkpoint is not yet witnessed.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import psycopg

from domain.errors import LedgerError, Refused
from ledger.checkpoint import Checkpoint
from ledger.checkpoints import Signed, last_signed
from ledger.clock import utc_now
from ledger.connection import APPLICATION_ROLE, SET_ROLE
from ledger.cosignatures import cosigners, keep_cosignature, last_witnessed
from ledger.note import Note
from ledger.tiles import consistency, read_tiles
from ledger.witness import Status
from ledger.witness_request import PATH, WitnessRequest
from server.settings import Settings
from server.witnesses import Policy, WitnessAddress, policy_in

WITNESSED, NOT_YET, NOBODY = "witnessed", "not yet witnessed", "no witnesses"
_SECONDS = 5.0
_ATTEMPTS = 3
_MOST_SHOWN = 200


class NotCosigned(Refused):
    """The witness {value} does not cosign: {reason}."""

    code = "not_cosigned"
    cure = "If it says that the histories differ, keep this ledger as it is and ask its auditors."


def described(connection: psycopg.Connection[Any], policy: Policy) -> dict[str, Any]:
    """Say whether the last checkpoint is witnessed, and up to where an older one is."""
    signed = last_signed(connection)
    if not policy.witnesses:
        return {"state": NOBODY, "size": 0, "quorum": 0, "signed_by": []}
    if signed is None:
        return {"state": NOT_YET, "size": 0, "quorum": policy.quorum, "signed_by": []}
    told = signed.checkpoint
    lines = cosigners(connection, told.origin, told.size)
    names = [each.key.name for each in policy.witnesses if each.key.text in lines]
    return {
        "state": WITNESSED if len(names) >= policy.quorum else NOT_YET,
        "size": last_witnessed(connection, told.origin, policy.keys, policy.quorum),
        "quorum": policy.quorum,
        "signed_by": names,
    }


class Asker:
    """Asks one witness, and remembers up to where that witness has followed."""

    def __init__(self, witness: WitnessAddress) -> None:
        """Ask a witness that has seen nothing, as far as is known here."""
        self.witness = witness
        self.name = witness.key.name
        self.problem: str | None = None
        self._old = 0

    def ask(self, connection: psycopg.Connection[Any], signed: Signed) -> None:
        """Have a checkpoint cosigned and keep the line. Raises NotCosigned."""
        for _ in range(_ATTEMPTS):
            if self._old > signed.checkpoint.size:
                reason = f"it has seen {self._old} events, {signed.checkpoint.size} are signed"
                raise NotCosigned(value=self.name, reason=reason)
            answer = self._answer(self._request(connection, signed))
            if answer.status_code == Status.CONFLICT and answer.text.strip().isdecimal():
                size = int(answer.text)
                if size == self._old:
                    raise NotCosigned(
                        value=self.name, reason=f"it knows another history of {size} events"
                    )
                self._old = size
                continue
            if answer.status_code != Status.COSIGNED:
                said = f"{answer.status_code} {answer.text[:_MOST_SHOWN].strip().rstrip('.')}"
                raise NotCosigned(value=self.name, reason=said)
            self._keep(connection, signed, answer.text)
            self._old = signed.checkpoint.size
            return
        raise NotCosigned(value=self.name, reason="it changes its mind about what it has seen")

    def _request(self, connection: psycopg.Connection[Any], signed: Signed) -> WitnessRequest:
        """Prove that the checkpoint continues what the witness knows."""
        hashes: tuple[bytes, ...] = ()
        if self._old:
            plan = consistency(self._old, signed.checkpoint.size)
            hashes = tuple(plan.proof(read_tiles(connection, plan.wanted) if plan.wanted else {}))
        return WitnessRequest(self._old, hashes, signed.note)

    def _answer(self, request: WitnessRequest) -> httpx2.Response:
        """Send it. Raises NotCosigned."""
        try:
            return httpx2.post(
                self.witness.url + PATH, content=request.written.encode(), timeout=_SECONDS
            )
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise NotCosigned(value=self.name, reason=f"it does not answer: {error}") from error

    def _keep(self, connection: psycopg.Connection[Any], signed: Signed, lines: str) -> None:
        """Keep the line that is the witness's own. Raises NotCosigned."""
        text = Checkpoint.of(Note.parse(signed.note)).text
        try:
            signatures = Note.parse(f"{text}\n{lines}").signatures
        except LedgerError as error:
            raise NotCosigned(value=self.name, reason=error) from error
        for signature in signatures:
            if self.witness.key.accepts(text, signature):
                line = signature.line
                keep_cosignature(connection, signed, self.witness.key, line, utc_now())
                return
        raise NotCosigned(value=self.name, reason="its signature does not fit its key")


class Witnessing:
    """The thread that asks all witnesses about each new checkpoint."""

    def __init__(self, settings: Settings, conninfo: str) -> None:
        """Ask for the ledger behind a connection string. Raises BadWitnesses."""
        self._policy = policy_in(settings.witnesses)
        self._conninfo = conninfo
        self._seconds = max(1.0, settings.signing_seconds)
        self._askers = [Asker(witness) for witness in self._policy.witnesses]
        self._stopping = threading.Event()
        # A daemon: an answer that is cut off is asked for again after the next start.
        self._thread = threading.Thread(target=self._run, name="witnessing", daemon=True)
        self.described: dict[str, Any] = {"state": NOT_YET if self._askers else NOBODY}
        """Whether the last checkpoint is witnessed, as of the last round."""

    @contextmanager
    def running(self) -> Iterator[None]:
        """Ask for the length of a `with`."""
        if self._askers:
            self._thread.start()
        try:
            yield
        finally:
            self._stopping.set()

    def _run(self) -> None:
        """Ask round after round until told to stop."""
        while not self._stopping.is_set():
            try:
                with psycopg.connect(self._conninfo, autocommit=True) as connection:
                    connection.execute(SET_ROLE, [APPLICATION_ROLE])
                    while not self._stopping.is_set():
                        self.round(connection)
                        self._stopping.wait(self._seconds)
            except psycopg.OperationalError:
                # The database is away; health tells that by itself.
                self._stopping.wait(self._seconds)

    def round(self, connection: psycopg.Connection[Any]) -> None:
        """Ask every witness that has not signed the last checkpoint yet."""
        signed = last_signed(connection)
        if signed is not None:
            told = signed.checkpoint
            lines = cosigners(connection, told.origin, told.size)
            for asker in self._askers:
                if asker.witness.key.text not in lines:
                    _ask(asker, connection, signed)
        problems = {each.witness.key.name: each.problem for each in self._askers if each.problem}
        self.described = {**described(connection, self._policy), "problems": problems}


def _ask(asker: Asker, connection: psycopg.Connection[Any], signed: Signed) -> None:
    """Ask a witness, and remember why not."""
    try:
        asker.ask(connection, signed)
    except LedgerError as error:
        asker.problem = str(error)
    else:
        asker.problem = None
