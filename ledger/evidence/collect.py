"""Collect what a bundle holds: events, proofs, the stream's head, time tokens, keys, schemas."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson
from psycopg import Connection

from domain.envelope import Recorded, read_event
from domain.kinds import KINDS, json_schema
from ledger.attesters import KIND as ACTOR_KEYS
from ledger.checkpoint import Checkpoint
from ledger.checkpoints import KEYS as KEY_EVENTS
from ledger.checkpoints import Signed, first_signed, is_rotation_by
from ledger.cosignatures import cosigned_note, cosigners
from ledger.evidence import cover, manual, readable
from ledger.export import entries_path, tile_path
from ledger.key_place import keys_of
from ledger.note import Note, Verifier
from ledger.person_names import handed_out
from ledger.publication import NoSuchEvent, NotSigned
from ledger.reading import Question, Reading, Row, ledger_events
from ledger.stream_heads import head_proof, stream_heads
from ledger.tiles import consistency, inclusion, read_entries, read_tiles, tiles_of
from ledger.time_token import TimeToken
from ledger.tlog_proof import TlogProof
from ledger.verification.time import stamped

File = tuple[str, bytes]


class Stored(NamedTuple):
    """An event as it lies in the ledger."""

    position: int
    data: bytes

    @property
    def event(self) -> Recorded:
        """Read it."""
        return read_event(self.position, self.data, None)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a bundle is about: a stream, some events by their ids, or the whole ledger."""

    stream: str | None = None
    events: Sequence[str] = ()

    @property
    def name(self) -> str:
        """Name it as the cover does."""
        if self.stream is not None:
            return f"stream {self.stream}"
        return "events" if self.events else cover.WHOLE


@Reading
def stored_events(scope: Scope, size: int) -> Question[list[Stored]]:
    """Read the bytes of a scope's events below a size, in order of position."""
    sql = "SELECT position, bytes FROM ledger.events WHERE position <= %s"
    values: list[Any] = [size]
    if scope.stream is not None:
        sql, values = sql + " AND stream = %s", [size, scope.stream]
    elif scope.events:
        sql, values = sql + " AND id = ANY (%s::uuid[])", [size, list(scope.events)]
    return Question(sql.encode() + b" ORDER BY position", values, _stored)


@Reading
def stored_at(positions: Sequence[int]) -> Question[list[Stored]]:
    """Read the bytes of events by their positions."""
    sql = "SELECT position, bytes FROM ledger.events WHERE position = ANY (%s) ORDER BY position"
    return Question(sql, [list(positions)], _stored)


def _stored(rows: list[Row]) -> list[Stored]:
    return [Stored(position, bytes(data)) for position, data in rows]


def covering_snapshot(connection: Connection[Any], stream: str, size: int) -> Recorded | None:
    """Give the last snapshot of all streams that covers the last version of one; None if none."""
    events = stored_events(connection, Scope(stream), size)
    last = events[-1].position if events else 0
    snapshots = [
        each for each in ledger_events(connection, ["StreamHeads"]) if each.position <= size
    ]
    fitting = [each for each in snapshots if each.payload["size"] >= last]
    return fitting[-1] if fitting else None


class Collection:
    """What belongs to a scope under a signed checkpoint."""

    def __init__(
        self, connection: Connection[Any], scope: Scope, signed: Signed, *, with_names: bool
    ) -> None:
        """Read the events; `files` reads the rest."""
        self._connection = connection
        self._scope = scope
        self._signed = signed
        self._size = signed.checkpoint.size
        lines = cosigners(connection, signed.checkpoint.origin, self._size)
        self._note = cosigned_note(signed, lines)
        self.events = stored_events(connection, scope, self._size)
        if not self.events:
            raise NoSuchEvent(value=scope.events[0]) if scope.events else NotSigned(value=0)
        self._read = [stored.event for stored in self.events]
        identifiers = [event.id for event in self._read]
        self.names = (
            handed_out(connection, keys_of(connection), identifiers) if with_names else None
        )

    def files(self) -> Iterator[File]:
        """Give every file but the cover and the list of digests."""
        yield manual.NAME, manual.TEXT.encode()
        yield cover.CHECKPOINT, self._note.encode()
        yield cover.KEYS, "".join(f"{key.text}\n" for key in self._keys()).encode()
        names = {}
        if self.names is not None:
            yield cover.NAMES, orjson.dumps(self.names, option=orjson.OPT_INDENT_2) + b"\n"
            names = {each["commitment"]: each["value"] for each in self.names}
        for language in readable.LANGUAGES:
            yield readable.facts_file(language), readable.facts(self._read, names, language)
        for kind in sorted({event.kind for event in self._read} & KINDS.keys()):
            schema = orjson.dumps(json_schema(kind), option=orjson.OPT_INDENT_2)
            yield f"schemas/{kind}.json", schema + b"\n"
        if self._scope.name == cover.WHOLE:
            yield from self._log()
            return
        yield from self._proven()

    def _keys(self) -> list[Verifier]:
        """Follow the keys from the first to the one that signed the checkpoint."""
        first = first_signed(self._connection)
        keys = [self._signed.verifier if first is None else first.verifier]
        for event in ledger_events(self._connection, KEY_EVENTS):
            named = event.payload.get("verifier_key")
            is_next = event.kind != "KeyRotated" or is_rotation_by(keys[-1].public, event.payload)
            if named is not None and is_next and event.position <= self._size:
                keys.append(Verifier.parse(named))
        return keys if keys[-1] == self._signed.verifier else [*keys, self._signed.verifier]

    def _log(self) -> Iterator[File]:
        """Give the whole log as it is published."""
        for tile in tiles_of(self._size):
            yield f"log/{tile_path(tile)}", read_tiles(self._connection, [tile])[tile]
            if tile.level == 0:
                entries = read_entries(self._connection, tile.number, tile.width)
                yield f"log/{entries_path(tile)}", entries

    def _proven(self) -> Iterator[File]:
        """Give each event with its proof, and what ties the scope to the ledger and to time."""
        snapshot = None
        if self._scope.stream is not None:
            snapshot = covering_snapshot(self._connection, self._scope.stream, self._size)
        tokens = self._tokens()
        kept = [*KEY_EVENTS, ACTOR_KEYS]
        wanted = {event.position for event in ledger_events(self._connection, kept)}
        wanted |= {token.position for token in tokens}
        wanted |= set() if snapshot is None else {snapshot.position}
        wanted -= {stored.position for stored in self.events}
        others = stored_at(self._connection, [each for each in wanted if each <= self._size])
        yield from self._with_proofs(sorted([*self.events, *others]))
        if snapshot is not None:
            yield cover.HEADS, self._heads(snapshot)
        for token in tokens:
            yield from self._token(token)

    def _with_proofs(self, events: Sequence[Stored]) -> Iterator[File]:
        """Give events and proofs; all tiles are read at once."""
        plans = {each.position: inclusion(each.position - 1, self._size) for each in events}
        tiles = read_tiles(
            self._connection, sorted({tile for plan in plans.values() for tile in plan.wanted})
        )
        for position, data in events:
            hashes = tuple(plans[position].proof(tiles))
            proof = TlogProof(position - 1, hashes, self._note)
            yield cover.event_file(position), data
            yield cover.proof_file(position), proof.written.encode()

    def _heads(self, snapshot: Recorded) -> bytes:
        """Prove which version of the stream was its last one."""
        heads = stream_heads(self._connection, snapshot.payload["size"])
        [index] = [place for place, head in enumerate(heads) if head.stream == self._scope.stream]
        told = {
            "event": snapshot.position,
            "streams": len(heads),
            "index": index,
            "entry": orjson.loads(heads[index].entry),
            "hashes": [part.hex() for part in head_proof(heads, index)],
        }
        return orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n"

    def _tokens(self) -> list[Recorded]:
        """Give the last token before the events and the first one over all of them."""
        first, last = self.events[0].position, self.events[-1].position
        tokens = [
            each
            for each in ledger_events(self._connection, ["TimeTokenReceived"])
            if each.position <= self._size
        ]
        before = [each for each in tokens if each.position < first][-1:]
        after = [each for each in tokens if each.payload["size"] >= last][:1]
        return [*before, *after]

    def _token(self, event: Recorded) -> Iterator[File]:
        """Give a token, the checkpoint it stamps, and what links that to the present one."""
        told = event.payload
        note, _ = stamped(self._connection, told["size"], bytes.fromhex(told["root"]))
        if note is None:
            return
        plan = consistency(Checkpoint.of(Note.parse(note)).size, self._size)
        tiles = read_tiles(self._connection, plan.wanted) if plan.wanted else {}
        hashes = [part.hex() for part in plan.proof(tiles)]
        yield cover.token_file(event.position, "checkpoint"), note.encode()
        yield cover.token_file(event.position, "tsr"), TimeToken.decode(told["token"]).data
        yield cover.token_file(event.position, "consistency"), orjson.dumps(hashes) + b"\n"
