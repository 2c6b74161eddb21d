"""Take a register in, or only say what would become of it: row by row, each with its receipt."""

import asyncio
import sys
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol, TypeVar

import orjson
from msgspec.structs import replace

from domain.errors import LedgerError
from domain.receipt import Receipt, Status
from intake.appending import Pool
from intake.delivery import Delivery
from intake.grant import Grant
from intake.identifiers import new_identifier
from intake.intake import Intake
from intake.receipt_book import Part, ReceiptBook
from intake.registers.faults import as_json
from intake.registers.faulty_rows import FaultyRows
from intake.registers.file import RegisterFile
from intake.registers.mapping import Mapping as Register
from intake.registers.outcome import Outcome, outcome_of
from intake.registers.report import Report
from intake.registers.rows import RowRead
from intake.registers.versions import versioned

MOST_PROBLEMS: Final = 1_000
"""Problems that a report lists; the workbook of faulty rows holds more."""
_FAST = 1
T = TypeVar("T")


class Taker(Protocol):
    """Gives a receipt for each fact: the intake itself, or a preview of it."""

    async def receive(self, facts: Sequence[Delivery], file: str) -> list[Receipt]:
        """Give a receipt for each fact of a file that is known by its digest."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Takes facts in for good, in the version that they have."""

    intake: Intake
    pool: Pool
    grant: Grant
    batch: str

    async def receive(self, facts: Sequence[Delivery], file: str) -> list[Receipt]:
        """Take facts in."""
        allowed = [fact for fact in facts if not self._refused(fact)]
        async with self.pool.connection() as connection:
            numbered = iter(await versioned(connection, allowed, file))
        sent = [fact if self._refused(fact) else next(numbered) for fact in facts]
        return await self.intake.receive(
            [replace(fact, batch_id=self.batch) for fact in sent], self.grant
        )

    def _refused(self, fact: Delivery) -> bool:
        """Tell whether the caller may not send a fact, so that it gets no version either."""
        try:
            self.grant.check(fact)
        except LedgerError:
            return True
        return False


@dataclass(slots=True)
class Run:
    """One register on its way in."""

    register: Register
    opening: AbstractContextManager[RegisterFile]
    taker: Taker
    report: Report
    faults_to: Path | None = None
    book: ReceiptBook | None = None
    actor: str = ""
    request: str = field(default_factory=new_identifier)

    async def all(self) -> Report:
        """Read the whole register.

        Raises UnsafeFile, UnreadableFile and MissingColumns; what was taken in before is accounted
        for.
        """
        outcome = "broken"
        async with _in_thread(self.opening) as file:
            self._describe(file)
            chunks = file.chunks()
            async with _in_thread(_faulty(self.faults_to, file, self.register.sheet)) as faulty:
                try:
                    while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
                        await self._take(file, chunk, faulty)
                    outcome = "complete"
                finally:
                    await self._keep([], outcome)
        return self.report

    def _describe(self, file: RegisterFile) -> None:
        """Say which columns were found."""
        self.report.sha256, self.report.sheet = file.sha256, file.sheet
        self.report.sheets_not_read = file.others
        self.report.columns = {
            name: file.header.title(place) for name, place in file.header.places.items()
        }

    async def _take(
        self, file: RegisterFile, chunk: Sequence[RowRead], faulty: FaultyRows | None
    ) -> None:
        """Take some rows in."""
        for row in chunk:
            if row.skipped is not None and not row.faults:
                self.report.skipped[row.skipped] += 1
        told = [row for row in chunk if row.facts or row.faults]
        receipts = iter(
            await self.taker.receive([fact for row in told for fact in row.facts], file.sha256)
        )
        outcomes = []
        for row in told:
            answers = [next(receipts) for _ in row.facts]
            outcome = outcome_of(file, row, answers)
            outcomes.append(outcome)
            if outcome.faults:
                self._note(outcome, faulty)
        await self._keep(outcomes, None)

    def _note(self, outcome: Outcome, faulty: FaultyRows | None) -> None:
        """Put down what is wrong with a row."""
        self.report.faulty_rows += 1
        if len(self.report.problems) < MOST_PROBLEMS:
            self.report.problems += as_json(outcome.faults, outcome.row.number)
        if faulty is not None:
            faulty.add(outcome.row.number, outcome.row.cells, outcome.faults)

    async def _keep(self, outcomes: Sequence[Outcome], ending: str | None) -> None:
        """Count rows, and keep their receipts if they were taken in for good."""
        first = self.report.rows
        counts = Counter(outcome.receipt.status for outcome in outcomes)
        self.report.counts.update(counts)
        positions = [
            one.position for outcome in outcomes for one in outcome.answers if one.position
        ]
        self.report.position = max(self.report.position, *positions, 0)
        if self.book is None or self.report.batch_id is None or not (outcomes or ending):
            return
        people = {one.name for one in self.register.columns if one.type == "person"}
        part = Part(
            batch=self.report.batch_id,
            request=self.request,
            actor=self.actor,
            source=self.register.system,
            door="register",
            file_name=self.report.file_name,
            first=first,
            counts=[counts[status] for status in Status],
            receipts=zlib.compress(
                orjson.dumps([one.as_json(at) for at, one in enumerate(outcomes, first)]), _FAST
            ),
            rows=[
                one.kept(at, {self.report.columns.get(name, name) for name in people})
                for at, one in enumerate(outcomes, first)
                if one.receipt.status is not Status.ACCEPTED
            ],
        )
        await self.book.keep(part if ending is None else part.ending(ending, self.report.sha256))


@asynccontextmanager
async def _in_thread(opening: AbstractContextManager[T]) -> AsyncIterator[T]:
    """Open and close what waits for a file or a process, while others are served."""
    opened = await asyncio.to_thread(opening.__enter__)
    try:
        yield opened
    finally:
        await asyncio.to_thread(opening.__exit__, *sys.exc_info())


@contextmanager
def _faulty(
    path: Path | None, file: RegisterFile, sheet: str | None
) -> Iterator[FaultyRows | None]:
    """Write the faulty rows to a path, if one is wanted."""
    if path is None:
        yield None
        return
    faulty = FaultyRows(path, file.header, sheet)
    try:
        yield faulty
    finally:
        faulty.close()
        if not faulty.count:
            path.unlink(missing_ok=True)
