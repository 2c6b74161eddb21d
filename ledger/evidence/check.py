"""Check a bundle by itself: no database, no server. Whatever is not as it should be is a doubt."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from cryptography.x509 import Certificate

from domain.envelope import Recorded, leaf_hash, read_event
from domain.errors import LedgerError
from domain.kinds import KINDS
from domain.person_name import seal
from ledger.attesters import KIND as ACTOR_KEYS
from ledger.attesters import Attesters
from ledger.checkpoint import Checkpoint
from ledger.checkpoints import KEYS as KEY_EVENTS
from ledger.checkpoints import is_rotation_by
from ledger.evidence import cover, readable
from ledger.evidence.container import read_bundle
from ledger.note import Note, Verifier
from ledger.proof import check_consistency, check_inclusion
from ledger.stream_heads import StreamHead
from ledger.time_token import TimeToken
from ledger.tlog_proof import TlogProof
from ledger.verification.attested import Signed, doubt_about
from ledger.verification.event import OPAQUE
from ledger.verification.finding import UNREADABLE, Findings, in_words
from ledger.verification.published import check_published, entries_in

BUNDLE = "bundle"
_NEEDED = (cover.COVER, cover.SUMS, cover.CHECKPOINT, cover.KEYS)
_AGAIN = "ask for the bundle again"


def check_bundle(
    source: Path, keys: Sequence[Verifier], roots: Sequence[Certificate], findings: Findings
) -> dict[str, int]:
    """Check every file of a bundle, and say what was read."""
    try:
        files = read_bundle(source)
        return _Checking(files, keys, roots, findings).run()
    except LedgerError as error:
        findings.add(BUNDLE, f"{error} {error.cure}")
    except (OSError, *UNREADABLE) as error:
        findings.add(BUNDLE, f"it is damaged or no bundle ({in_words(error)}); {_AGAIN}")
    return {}


class _Checking:
    """The checks of one bundle."""

    def __init__(
        self,
        files: dict[str, bytes],
        keys: Sequence[Verifier],
        roots: Sequence[Certificate],
        findings: Findings,
    ) -> None:
        self._files = files
        self._trusted = keys
        self._roots = roots
        self._findings = findings
        self._events: dict[int, tuple[Recorded, bytes]] = {}
        self._bytes: dict[int, bytes] = {}

    def run(self) -> dict[str, int]:
        """Check cover and files, then what the files say."""
        if missing := [name for name in _NEEDED if name not in self._files]:
            self._doubt(f"without {', '.join(missing)} this is no whole bundle; {_AGAIN}")
            return {"files": len(self._files)}
        cover_note = Note.parse(self._files[cover.COVER])
        told = cover.Cover.of(cover_note)
        self._check_files(told)
        if self._findings:
            # What its own list does not vouch for is not read any further.
            return {"files": len(self._files)}
        note = Note.parse(self._files[cover.CHECKPOINT])
        checkpoint = Checkpoint.of(note)
        chain = [Verifier.parse(line) for line in self._files[cover.KEYS].decode().splitlines()]
        present = [self._present(chain, checkpoint.origin)]
        cover_note.check(present)
        note.check(present)
        if (told.origin, told.size) != (checkpoint.origin, checkpoint.size):
            self._doubt("cover and checkpoint are about different ledgers")
        if told.scope == cover.WHOLE:
            self._read_log(present)
        else:
            self._read_events(checkpoint, present)
        if not self._events:
            self._doubt("it holds no events; that proves nothing")
        self._check_keys(chain)
        self._check_streams(told.scope)
        tokens = self._check_tokens(checkpoint, chain)
        names = self._check_names()
        self._check_facts(told.scope, names)
        self._check_attestations(names)
        return {"files": len(self._files), "events": len(self._events), "time_tokens": tokens}

    def _doubt(self, message: str, position: int | None = None) -> None:
        self._findings.add(BUNDLE, message, position)

    def _check_files(self, told: cover.Cover) -> None:
        """Compare the files with the list of digests, and that with the cover."""
        sums = self._files[cover.SUMS]
        if cover.digest(sums) != told.sums:
            self._doubt(f"{cover.SUMS} is not the one that was signed")
        digests = {
            name: cover.digest(data)
            for name, data in self._files.items()
            if name not in {cover.SUMS, cover.COVER}
        }
        if cover.sums_of(digests) == sums:
            return
        listed = {
            name: each
            for each, _, name in (line.partition("  ") for line in sums.decode().splitlines())
        }
        for name in sorted(digests.keys() | listed.keys()):
            if name not in digests:
                self._doubt(f"the file {name} is missing")
            elif name not in listed:
                self._doubt(f"the file {name} does not belong here")
            elif digests[name] != listed[name]:
                self._doubt(f"the file {name} is not as it was")
        self._doubt(f"{cover.SUMS} does not list these files")

    def _present(self, chain: Sequence[Verifier], origin: str) -> Verifier:
        """Give the key that must have signed; one that was got elsewhere must be in the chain."""
        for key in self._trusted:
            if key.public not in {each.public for each in chain}:
                self._doubt(
                    f"the bundle is not signed by {key.text}, nor by a successor of it;"
                    " one made before a rotation is checked by the key of then"
                )
        return Verifier(origin, chain[-1].public)

    def _read_events(self, checkpoint: Checkpoint, keys: Sequence[Verifier]) -> None:
        """Read each event under its proof."""
        names = [name for name in self._files if name.startswith("events/")]
        for name in names:
            position = int(name.removeprefix("events/").removesuffix(".json"))
            data = self._files[name]
            proof = TlogProof.parse(self._files[cover.proof_file(position)])
            if cover.event_file(position) != name or proof.index != position - 1:
                self._doubt(f"{name} and its proof are about different positions")
            if proof.check(leaf_hash(data), keys) != checkpoint:
                self._doubt(f"the proof of {name} leads to another checkpoint")
            self._add(position, data)

    def _read_log(self, keys: Sequence[Verifier]) -> None:
        """Read a whole log as it is published."""
        with TemporaryDirectory() as folder:
            for name, data in self._files.items():
                if name.startswith("log/") or name == cover.CHECKPOINT:
                    file = Path(folder) / name.removeprefix("log/")
                    if not file.resolve().is_relative_to(Path(folder).resolve()):
                        self._doubt(f"the file {name} leads out of the bundle")
                        return
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_bytes(data)
            check_published(Path(folder), keys, self._findings)
        entries = sorted(name for name in self._files if name.startswith("log/tile/entries/"))
        position = 0
        for name in entries:
            for data in entries_in(self._files[name]):
                position += 1
                self._add(position, data)

    def _add(self, position: int, data: bytes) -> None:
        """Take an event if this program knows its version."""
        leaf = leaf_hash(data)
        event = read_event(position, data, leaf)
        if event.kind not in KINDS and event.kind != OPAQUE:
            self._doubt(f"the kind {event.kind} is not known", position)
        self._events[position] = (event, leaf)
        self._bytes[position] = data

    def _check_keys(self, chain: Sequence[Verifier]) -> None:
        """Follow the keys by the events that announce them."""
        announced = [chain[0].public]
        for event, _ in self._events.values():
            named = event.payload.get("verifier_key")
            if event.kind not in KEY_EVENTS or named is None:
                continue
            if event.kind == "KeyRotated" and not is_rotation_by(announced[-1], event.payload):
                self._doubt("a key rotation is not signed by the key before it", event.position)
            announced.append(Verifier.parse(named).public)
        if announced != [key.public for key in chain]:
            self._doubt("the keys are not those that the events announce")

    def _check_streams(self, scope: str) -> None:
        """Check that histories have no gap, and that of a stream nothing later was held back."""
        streams: dict[str, list[tuple[Recorded, bytes]]] = {}
        for each in self._events.values():
            streams.setdefault(each[0].stream, []).append(each)
        if scope == cover.WHOLE:
            for events in streams.values():
                self._check_chain(events)
        elif scope.startswith("stream "):
            events = streams.get(scope.removeprefix("stream "), [])
            self._check_chain(events)
            self._check_head(events)

    def _check_chain(self, events: Sequence[tuple[Recorded, bytes]]) -> None:
        """Check versions and what each event names before it."""
        before: bytes | None = None
        for number, (event, leaf) in enumerate(events, start=1):
            if event.version != number or event.prev != (None if before is None else before.hex()):
                message = f"{event.stream} has a gap before version {event.version}"
                self._doubt(message, event.position)
            before = leaf

    def _check_head(self, events: Sequence[tuple[Recorded, bytes]]) -> None:
        """Check the proof that the last version was the last one."""
        told: dict[str, Any] = orjson.loads(self._files[cover.HEADS])
        snapshot, _ = self._events[told["event"]]
        head = StreamHead(told["entry"][0], told["entry"][1], bytes.fromhex(told["entry"][2]))
        if snapshot.kind != "StreamHeads" or snapshot.payload["streams"] != told["streams"]:
            self._doubt("the proof of the last version names no snapshot of all streams")
        check_inclusion(
            leaf_hash(head.entry),
            told["index"],
            told["streams"],
            [bytes.fromhex(part) for part in told["hashes"]],
            bytes.fromhex(snapshot.payload["heads_root"]),
        )
        last, leaf = events[-1]
        if head != StreamHead(last.stream, last.version, leaf):
            message = f"the last version was {head.version}, the bundle ends with {last.version}"
            self._doubt(message, last.position)

    def _check_tokens(self, checkpoint: Checkpoint, chain: Sequence[Verifier]) -> int:
        """Check the time tokens that stand beside events."""
        count = 0
        for name in self._files:
            if name.startswith("tokens/") and name.endswith(".tsr"):
                count += 1
                self._check_token(int(Path(name).stem), checkpoint, chain)
        return count

    def _check_token(
        self, position: int, checkpoint: Checkpoint, chain: Sequence[Verifier]
    ) -> None:
        """Check one token: over which checkpoint, by whom, and that it is the one in the event."""
        event, _ = self._events[position]
        written = self._files[cover.token_file(position, "checkpoint")]
        token = TimeToken(self._files[cover.token_file(position, "tsr")])
        hashes = orjson.loads(self._files[cover.token_file(position, "consistency")])
        note = Note.parse(written)
        stamped = Checkpoint.of(note)
        note.check([Verifier(stamped.origin, key.public) for key in chain])
        digest = bytes.fromhex(cover.digest(written))
        if (event.payload["token"], event.payload["checkpoint_sha256"]) != (
            token.text,
            digest.hex(),
        ):
            self._doubt("the token beside an event is not the one in it", position)
        at = token.check(digest, self._roots) if self._roots else token.stamped_at(digest)
        if event.payload["stamped_at"][:19] != at.strftime("%Y-%m-%dT%H:%M:%S"):
            self._doubt(f"it was stamped at {at.isoformat()}", position)
        proof = [bytes.fromhex(part) for part in hashes]
        check_consistency(stamped.size, stamped.root, checkpoint.size, checkpoint.root, proof)

    def _check_names(self) -> dict[str, str]:
        """Check the names that were handed out, and give them by their commitments."""
        if cover.NAMES not in self._files:
            return {}
        names = orjson.loads(self._files[cover.NAMES])
        for each in names:
            if seal(each["value"], bytes.fromhex(each["salt"])) != each["commitment"]:
                self._doubt(f"a name is not the one that event {each['event']} holds")
        return {each["commitment"]: each["value"] for each in names}

    def _check_attestations(self, names: dict[str, str]) -> None:
        """Check the signatures of sources, by the keys that the bundle's own events register."""
        attesters = Attesters()
        attesters.learn(event for event, _ in self._events.values() if event.kind == ACTOR_KEYS)
        for position, (event, _) in self._events.items():
            doubt = doubt_about(attesters, Signed(event, self._bytes[position]), names)
            if doubt is not None:
                self._doubt(doubt, position)

    def _check_facts(self, scope: str, names: dict[str, str]) -> None:
        """Compare what is written for people with the events."""
        stream = scope.removeprefix("stream ")
        for language in readable.LANGUAGES:
            shown = self._files[readable.facts_file(language)]
            own = [
                event
                for event, _ in self._events.values()
                if scope == cover.WHOLE or event.stream == stream or self._is_listed(event, shown)
            ]
            if scope.startswith("stream "):
                own = [event for event in own if event.stream == stream]
            if shown != readable.facts(own, names, language):
                self._doubt(f"{readable.facts_file(language)} does not say what the events say")

    def _is_listed(self, event: Recorded, shown: bytes) -> bool:
        """Tell whether a chosen event is written for people; those beside it only support it."""
        return f"\n## {event.position} ".encode() in shown
