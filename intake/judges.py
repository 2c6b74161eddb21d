"""Hold the drafts of a call against everything that may keep a fact out of the ledger."""

from datetime import date

from domain.draft import Draft
from domain.errors import Malformed
from domain.flexdate import beijing_day
from domain.four_eyes import SecondPersonNeeded
from domain.receipt import Status, refusal
from intake.attesting import Signatures
from intake.delivery import Plain
from intake.directory import Directory
from intake.drafting import Held, Terms, draft_of, plain_draft
from intake.fence import PLACING, Fence
from intake.gates import Gate
from intake.item import Item


class Judges:
    """What the drafts of a call are held against; some kinds demand a second person."""

    def __init__(
        self,
        gate: Gate,
        fence: Fence,
        demanded: frozenset[str],
        signatures: Signatures,
        *,
        request_id: str,
        today: date,
    ) -> None:
        """Judge what came with a request today, unless an item says another request or day."""
        self._gate = gate
        self._fence = fence
        self._demanded = demanded
        self._signatures = signatures
        self._request_id = request_id
        self._today = today
        self._looked_at = demanded | PLACING
        """The kinds of which each fact is looked at by itself."""
        self._passed: set[tuple[str, str]] = set()
        """Days and actors of plain facts that passed; where no gate judges, others pass alike."""

    def draft(self, item: Item, directory: Directory) -> None:
        """Make an item's draft, or give it the receipt that says why it has none."""
        plain = item.plain
        if plain is None or not directory.is_stream(plain.draft.stream):
            self._judge(item, None, directory)
            return
        draft, like = plain.draft, (plain.occurred_on, item.actor.id)
        if item.limits is not None or draft.kind in self._looked_at:
            self._judge(item, plain, directory)
        elif like in self._passed:
            item.held = item.receipt = None
            item.draft = draft
            directory.learn(draft)
        else:
            self._judge(item, plain, directory)
            if item.receipt is None and not self._gate.is_judging:
                self._passed.add(like)

    def _judge(self, item: Item, plain: Plain | None, directory: Directory) -> None:
        """Make an item's draft, whatever it depends on; if it is `plain`, its project is there."""
        item.held = item.receipt = None
        day = beijing_day(item.recorded_at) if item.recorded_at else self._today
        request = item.request_id or self._request_id
        terms = Terms(item.actor, request, item.recorded_at, day, item.ahead, item.released)
        try:
            if plain is not None:
                drafted = plain_draft(plain, terms)
                self._signatures.check(None, item.actor.id, plain.draft)
            else:
                drafted = draft_of(item.delivery, directory, terms)
                draft = drafted.draft if isinstance(drafted, Held) else drafted
                self._signatures.check(item.delivery.attested, item.actor.id, draft)
        except Malformed as problem:
            # It may be the one that was found ahead, which these terms keep.
            item.receipt = refusal(problem.as_value())
            return
        drafted = self._fence.bars(item, drafted, directory) or drafted
        if self._gate.is_judging and isinstance(drafted, Draft) and not item.released:
            doubt = self._gate.doubt(item, drafted, directory, terms.today)
            drafted = drafted if doubt is None else Held(drafted, doubt)
        if isinstance(drafted, Draft) and drafted.kind in self._demanded:
            # Releasing it from the quarantine does not replace the second person.
            drafted = Held(drafted, SecondPersonNeeded(value=drafted.kind))
        if isinstance(drafted, Held):
            item.held = drafted
            item.receipt = refusal(drafted.problem, Status.QUARANTINED)
            return
        item.draft = drafted
        if drafted.kind in PLACING:
            self._fence.learn(drafted, item.delivery)
        if drafted.expected_version is None:
            directory.learn(drafted)
