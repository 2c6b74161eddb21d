"""Read one register over an open ledger: only to see what would become of it, or for good."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from intake.grant import Grant
from intake.identifiers import new_identifier
from intake.preview import Preview
from intake.registers.file import opened_register
from intake.registers.mapping import Mapping as Register
from intake.registers.register import Run, Sender
from intake.registers.report import Report
from server.house import House


@dataclass(frozen=True, slots=True)
class Reading:
    """A register, its mapping, what is given for all its rows, and where faulty rows go."""

    file: Path
    file_name: str
    register: Register
    given: Mapping[str, Any]
    faults_to: Path | None = None
    dry_run: bool = False
    batch: str | None = None

    async def over(self, house: House, grant: Grant) -> Report:
        """Read the register on behalf of a caller.

        Raises UnsafeFile, UnreadableFile, NoSuchSheet, MissingColumns and Malformed.
        """
        report = Report(self.register.name, self.file_name, self.dry_run)
        opening = opened_register(self.file, self.register, self.given)
        if self.dry_run:
            taker = Preview(house.pool, grant)
            return await Run(self.register, opening, taker, report, self.faults_to).all()
        report.batch_id = self.batch or new_identifier()
        sender = Sender(house.intake, house.pool, grant, report.batch_id)
        return await Run(
            *(self.register, opening, sender, report, self.faults_to),
            book=house.book,
            actor=grant.actor.id,
        ).all()
