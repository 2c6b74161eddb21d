"""Hold the drafts of a call against everything that may keep a fact out of the ledger."""

from typing import NamedTuple

from domain.draft import Draft
from domain.errors import Malformed
from domain.four_eyes import SecondPersonNeeded
from domain.receipt import Status, refusal
from intake.attesting import Signatures
from intake.directory import Directory
from intake.drafting import Held, Terms, draft_of, plain_draft
from intake.fence import PLACING, Fence
from intake.gates import Gate
from intake.item import Item


class Judges(NamedTuple):
    """What the drafts of a call are held against; some kinds demand a second person."""

    gate: Gate
    fence: Fence
    demanded: frozenset[str]
    signatures: Signatures

    def draft(self, item: Item, directory: Directory, terms: Terms) -> None:
        """Make an item's draft, or give it the receipt that says why it has none."""
        item.held = item.receipt = None
        try:
            plain = item.plain
            if plain is not None and directory.is_stream(plain.draft.stream):
                drafted = plain_draft(plain, terms)
                self.signatures.check(None, item.actor.id, plain.draft)
            else:
                drafted = draft_of(item.delivery, directory, terms)
                draft = drafted.draft if isinstance(drafted, Held) else drafted
                self.signatures.check(item.delivery.attested, item.actor.id, draft)
        except Malformed as problem:
            # It may be the one that was found ahead, which these terms keep.
            item.receipt = refusal(problem.as_value())
            return
        drafted = self.fence.bars(item, drafted, directory) or drafted
        if self.gate.is_judging and isinstance(drafted, Draft) and not item.released:
            doubt = self.gate.doubt(item, drafted, directory, terms.today)
            drafted = drafted if doubt is None else Held(drafted, doubt)
        if isinstance(drafted, Draft) and drafted.kind in self.demanded:
            # Releasing it from the quarantine does not replace the second person.
            drafted = Held(drafted, SecondPersonNeeded(value=drafted.kind))
        if isinstance(drafted, Held):
            item.held = drafted
            item.receipt = refusal(drafted.problem, Status.QUARANTINED)
            return
        item.draft = drafted
        if drafted.kind in PLACING:
            self.fence.learn(drafted, item.delivery)
        if drafted.expected_version is None:
            directory.learn(drafted)
