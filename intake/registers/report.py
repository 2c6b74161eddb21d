"""Say what became, or would become, of a register as a whole."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from domain.receipt import Status


@dataclass(slots=True)
class Report:
    """What became, or would become, of a register."""

    mapping: str
    file_name: str
    dry_run: bool
    batch_id: str | None = None
    sha256: str = ""
    sheet: str = ""
    sheets_not_read: list[str] = field(default_factory=list)
    """Further sheets that have the same columns."""
    columns: dict[str, str] = field(default_factory=dict)
    counts: Counter[Status] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    problems: list[dict[str, Any]] = field(default_factory=list)
    faulty_rows: int = 0
    position: int = 0

    @property
    def rows(self) -> int:
        """Count the rows that tell something."""
        return self.counts.total()

    def as_json(self) -> dict[str, Any]:
        """Write the report for programs."""
        return {
            "mapping": self.mapping,
            "file_name": self.file_name,
            "sha256": self.sha256,
            "sheet": self.sheet,
            "sheets_not_read": self.sheets_not_read,
            "dry_run": self.dry_run,
            **({"batch_id": self.batch_id} if self.batch_id else {}),
            **({"position": self.position} if self.position else {}),
            "columns": self.columns,
            "rows": self.rows,
            **{status.value: self.counts[status] for status in Status},
            "skipped": dict(self.skipped),
            "faulty_rows": self.faulty_rows,
            "problems": self.problems,
        }
