"""A witness: it cosigns the checkpoints of logs it knows, each only if it continues the last one.

What was cosigned last lies in a file for each log, replaced in one step before
the cosignature is given away. A checkpoint that cannot follow it, though the
log has signed it, is evidence against the log and is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from pathlib import Path

from domain.errors import LedgerError
from ledger.checkpoint import Checkpoint
from ledger.clock import Clock, utc_now
from ledger.durable_file import write_durably
from ledger.last_checkpoint import DamagedState, LastCheckpoint, StateMoved
from ledger.note import BadSignature, Note, Signature, Signer, Verifier
from ledger.proof import ProofFails, check_consistency, consistency_ranges
from ledger.tree import EMPTY_ROOT
from ledger.witness_request import WitnessRequest


class Status(IntEnum):
    """How a request ends, in the numbers of HTTP."""

    COSIGNED = 200
    MALFORMED = 400
    FOREIGN_KEY = 403
    UNKNOWN_LOG = 404
    CONFLICT = 409
    INCONSISTENT = 422
    DAMAGED = 500


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer: cosignature lines, the known size, or why not."""

    status: Status
    text: str
    is_size: bool = False


class Witness:
    """A key, the logs that it knows, and what it has cosigned of each."""

    def __init__(
        self, signer: Signer, logs: Sequence[Verifier], folder: Path, clock: Clock = utc_now
    ) -> None:
        """Keep the state and the evidence in a folder."""
        self._signer = signer
        self._logs = logs
        self._folder = folder
        self._clock = clock

    def add(self, data: bytes) -> Reply:
        """Answer a request of a log."""
        try:
            request = WitnessRequest.parse(data)
            note = Note.parse(request.note)
            checkpoint = Checkpoint.of(note)
        except LedgerError as error:
            return Reply(Status.MALFORMED, str(error))
        keys = self._keys(checkpoint.origin)
        if not keys:
            return Reply(Status.UNKNOWN_LOG, f"the log {checkpoint.origin} is not known here")
        try:
            note.check(keys)
        except BadSignature as error:
            return Reply(Status.FOREIGN_KEY, str(error))
        if request.old > checkpoint.size:
            return Reply(Status.MALFORMED, f"{request.old} is larger than the checkpoint")
        try:
            return self._follow(request, note, checkpoint)
        except (DamagedState, OSError) as error:
            return Reply(Status.DAMAGED, f"the witness cannot use its own folder: {error}")

    def _keys(self, origin: str) -> list[Verifier]:
        """Give the keys of a log."""
        return [key for key in self._logs if key.name == origin]

    def _follow(self, request: WitnessRequest, note: Note, checkpoint: Checkpoint) -> Reply:
        """Cosign a signed checkpoint if it continues what was cosigned last."""
        state = self._state(checkpoint.origin)
        known = self._known(state, checkpoint.origin)
        last = None if known is None else Checkpoint.of(known)
        size = 0 if last is None else last.size
        if checkpoint.size < size:
            self._keep_evidence(known, note, "shorter")
        if last is not None and checkpoint.size == size and checkpoint.root != last.root:
            self._keep_evidence(known, note, "fork")
            return Reply(Status.CONFLICT, f"{size}\n", is_size=True)
        if request.old != size:
            return Reply(Status.CONFLICT, f"{size}\n", is_size=True)
        try:
            _check(last, checkpoint, request.hashes)
        except LedgerError as error:
            # Anybody can send a checkpoint with a proof that is none; the log has not said that.
            if last is not None and _has_right_length(last, checkpoint, request.hashes):
                self._keep_evidence(known, note, "inconsistent")
            return Reply(Status.INCONSISTENT, str(error))
        own = self._signer.sign(note.text, at_second=int(self._clock().timestamp()))
        try:
            if checkpoint != last:
                state.replace(known, self._kept(note, own))
                _mark(state)
        except StateMoved:
            return Reply(Status.CONFLICT, f"{self._size(state)}\n", is_size=True)
        return Reply(Status.COSIGNED, own.line)

    def _kept(self, note: Note, own: Signature) -> Note:
        """Give what is kept of a checkpoint: it with the log's signatures and with our own."""
        keys = {(key.name, key.key_id) for key in self._logs}
        logs = (each for each in note.signatures if (each.name, each.key_id) in keys)
        return Note(note.text, (*logs, own))

    def _known(self, state: LastCheckpoint, origin: str) -> Note | None:
        """Read what was cosigned last of a log.

        Raises DamagedState for what neither we nor the log have signed: else damage to our own file
        would be told as a fork of the log.
        """
        note = state.read()
        if note is None:
            if _mark_of(state).exists():
                raise DamagedState(value=state.path, reason="it is gone")
            return None
        found = Checkpoint.of(note).origin
        if found != origin:
            raise DamagedState(value=state.path, reason=f"it is about the log {found}")
        try:
            note.check([*self._keys(origin), self._signer.verifier])
        except BadSignature as error:
            raise DamagedState(value=state.path, reason=error) from error
        return note

    def _state(self, origin: str) -> LastCheckpoint:
        """Give the file of a log."""
        return LastCheckpoint(self._folder / "logs" / sha256(origin.encode()).hexdigest()[:32])

    def _size(self, state: LastCheckpoint) -> int:
        note = state.read()
        return 0 if note is None else Checkpoint.of(note).size

    def _keep_evidence(self, known: Note | None, note: Note, what: str) -> None:
        """Keep two signed checkpoints that do not fit together, once."""
        written = ("" if known is None else known.written + "\n") + note.written
        name = f"{what}-{sha256(written.encode()).hexdigest()[:32]}"
        file = self._folder / "evidence" / name
        if not file.exists():
            write_durably(file, written.encode())


def _mark_of(state: LastCheckpoint) -> Path:
    """Name the file that tells a state which was lost from a log that was never seen."""
    return state.path.with_name(f".{state.path.name}.seen")


def _mark(state: LastCheckpoint) -> None:
    """Note that there is a state, once there is."""
    if not _mark_of(state).exists():
        write_durably(_mark_of(state), b"")


def _has_right_length(last: Checkpoint, checkpoint: Checkpoint, hashes: Sequence[bytes]) -> bool:
    """Tell whether a proof that fails could have been one for these sizes."""
    if checkpoint.size == last.size or not last.size:
        return False
    return len(hashes) == len(consistency_ranges(last.size, checkpoint.size))


def _check(last: Checkpoint | None, checkpoint: Checkpoint, hashes: Sequence[bytes]) -> None:
    """Check that a checkpoint continues the last one. Raises ProofFails."""
    if last is not None and last.size:
        check_consistency(last.size, last.root, checkpoint.size, checkpoint.root, hashes)
    elif hashes:
        raise ProofFails(reason="a first checkpoint needs no proof")
    elif not checkpoint.size and checkpoint.root != EMPTY_ROOT:
        raise ProofFails(reason="the root of an empty tree is another one")
