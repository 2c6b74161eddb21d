"""The permit cases: what was reported about them and what was issued."""

from collections.abc import Iterable
from typing import ClassVar

from domain.fact import Fact
from projections.folding.payload import flag, text, whole
from projections.folding.projection import Column, FactView


class Permits(FactView):
    """One row a status of a case (办理状态) and one row a certificate (核发证照).

    `status` is the national code 1 to 15 and null for a certificate.
    """

    name = "permits"
    version = 2
    kinds = frozenset({"PermitStatusReported", "PermitIssued"})
    columns: ClassVar[tuple[Column, ...]] = (
        Column("case_no", 'text COLLATE "C"'),
        Column("permit_kind", 'text COLLATE "C" NOT NULL'),
        Column("department", "text"),
        Column("status", "integer"),
        Column("certificate_no", "text"),
        Column("stage", "text"),
        Column("tolerance", "boolean NOT NULL"),
        Column("simulated", "boolean NOT NULL"),
        Column("applicant", "text"),
        Column("deadline_workdays", "integer"),
        Column("source_serial", "text"),
        Column("valid_until", "text"),
    )
    indexes = ("(permit_kind, day_to) WHERE status IS NULL", "(project) WHERE status IS NOT NULL")

    def rows(self, fact: Fact) -> Iterable[tuple[object, ...]]:
        """Give the state of the case that the fact reports."""
        payload = fact.payload
        yield (
            text(payload, "case_no"),
            text(payload, "permit_kind"),
            text(payload, "department"),
            whole(payload, "status"),
            text(payload, "certificate_no"),
            text(payload, "stage"),
            flag(payload, "tolerance"),
            flag(payload, "simulated"),
            text(payload, "applicant"),
            whole(payload, "deadline_workdays"),
            text(payload, "source_serial"),
            text(payload, "valid_until"),
        )


VIEW = Permits()
