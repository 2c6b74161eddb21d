"""Say what became of one row of a register, which may have told several facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from domain.receipt import Receipt, Status
from intake.receipt_book import RowKept
from intake.registers.cells import written
from intake.registers.faults import Fault
from intake.registers.file import RegisterFile
from intake.registers.rows import RowRead

WORST_FIRST: Final = (
    Status.REJECTED,
    Status.QUARANTINED,
    Status.SUPERSEDED,
    Status.CORRECTED,
    Status.ACCEPTED,
    Status.DUPLICATE,
)
"""A row has the status of the fact of it that went worst."""
_TROUBLE = frozenset({Status.REJECTED, Status.QUARANTINED})
_LONGEST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row."""

    row: RowRead
    titles: Sequence[str]
    receipt: Receipt
    answers: Sequence[Receipt]
    faults: Sequence[Fault]

    def as_json(self, index: int) -> dict[str, Any]:
        """Give the row's receipt, and those of its facts if it told several."""
        facts = [
            answer.as_json(at) | {"kind": fact.kind, "record_id": fact.record_id}
            for at, (fact, answer) in enumerate(zip(self.row.facts, self.answers, strict=True))
        ]
        return {**self.receipt.as_json(index), "row_no": self.row.number, "facts": facts}

    def kept(self, place: int, people: set[str]) -> RowKept:
        """Put the row down as one that was not simply accepted; a refused one with its cells."""
        said = None
        if self.receipt.status in _TROUBLE:
            said = {
                title: None if title in people else written(cell)[:_LONGEST_SHOWN]
                for title, cell in zip(self.titles, self.row.cells, strict=False)
                if title
            }
        fact = next(
            (
                fact
                for fact, answer in zip(self.row.facts, self.answers, strict=True)
                if answer.status is self.receipt.status
            ),
            None,
        )
        return RowKept(
            place,
            self.row.number,
            fact.source_key if fact else None,
            fact.record_version if fact else None,
            fact.kind if fact else None,
            self.receipt,
            said,
        )


def outcome_of(file: RegisterFile, row: RowRead, answers: Sequence[Receipt]) -> Outcome:
    """Put together what became of a row's facts, or why it told none."""
    faults = list(row.faults)
    for fact, answer in zip(row.facts, answers, strict=True):
        if answer.status in _TROUBLE:
            said = Fault(answer.code or "", answer.cure or "", None, answer.field, answer.value)
            faults.append(file.reader.fault_of(said, fact.kind))
    if row.faults:
        worst = row.faults[0]
        receipt = Receipt(
            Status.REJECTED,
            code=worst.code,
            field=worst.title,
            value=worst.value,
            cure=worst.cure,
        )
    else:
        receipt = min(answers, key=lambda answer: WORST_FIRST.index(answer.status))
    return Outcome(row, file.header.labels, receipt, answers, faults)
