"""Bank money for projects: the facility a bank was linked for, and what it paid out."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from domain.kinds.fields import Identifier, Text
from domain.kinds.payload import Payload
from domain.money import Money

BasisPoints = Annotated[int, Field(strict=True, ge=0, le=10_000)]
"""An interest rate in hundredths of a percent."""

Months = Annotated[int, Field(strict=True, ge=1, le=600)]
"""The term of a loan."""


class FinanceLinked(Payload):
    """A bank was linked to the project's need for money, with or without a quota."""

    kind = "FinanceLinked"
    number = 57
    chinese = "港发通对接"
    english = "finance linked"
    occurred_on_means = "linked on"
    example: ClassVar[dict[str, Any]] = {
        "facility_id": "GFT-2024-0154",
        "bank": "张家港农村商业银行",
        "need": {"yuan": 120_000_000, "as_reported": "1.2亿元"},
        "quota": {"yuan": 100_000_000, "as_reported": "10000万元"},
        "rate_bp": 315,
    }

    facility_id: Identifier
    bank: Text
    need: Money
    quota: Money | None = None
    rate_bp: BasisPoints | None = None


class LoanDisbursed(Payload):
    """The bank paid out a part of a facility."""

    kind = "LoanDisbursed"
    number = 58
    chinese = "放款"
    english = "loan disbursed"
    occurred_on_means = "disbursed on"
    example: ClassVar[dict[str, Any]] = {
        "facility_id": "GFT-2024-0154",
        "amount": {"yuan": 30_000_000, "as_reported": "3000万元"},
        "class": "new",
        "term_months": 60,
    }

    facility_id: Identifier
    amount: Money
    loan_class: Literal["carried", "new"] = Field(alias="class")
    term_months: Months
