"""Find out who asks for an export of what, in which form and language."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from api.exchange import language_of
from api.request import Request as Question
from api.served import Served
from starlette.requests import Request

from domain.errors import Malformed
from domain.exact_json import decode
from domain.flexdate import BEIJING
from ledger.checkpoints import last_signed
from server.exports.catalogue import READ
from server.exports.csv_file import CsvFile
from server.exports.options import day, refuse_unknown, truth
from server.exports.parquet_file import ParquetFile
from server.exports.tables import Wanted
from server.exports.workbook import MEDIA_TYPE
from server.exports.writing import TableFile
from server.house import House

LONGEST_QUERY: Final = 256 * 1024
FORMATS: Final[Mapping[str, str]] = {
    "csv": CsvFile.media_type,
    "parquet": ParquetFile.media_type,
    "xlsx": MEDIA_TYPE,
    "json": "application/json",
}
"""The media type of each form, by the ending of its file."""
TABLE_FORMS: Final = ("csv", "parquet", "xlsx")
_NAMED_QUERY: Final = frozenset({"query", "documentId", "operationName", "variables"})


@dataclass(frozen=True, slots=True)
class Asked:
    """One request for an export: who asks for what in which language."""

    request: Request
    house: House
    served: Served
    question: Question

    @property
    def language(self) -> str:
        """Give the language of words for people."""
        return self.question.language

    @property
    def given(self) -> dict[str, str]:
        """Give the parameters of the query string."""
        return dict(self.request.query_params)

    def asking(self, members: Mapping[str, Any], *, is_own: bool = False) -> "Asked":
        """Ask a document: one of the house, a trusted one by name, or the caller's own."""
        question = replace(
            self.question,
            query=members.get("query") or "",
            document_id=members.get("documentId"),
            operation_name=members.get("operationName"),
            variables=members.get("variables") or {},
            is_own=is_own,
        )
        return replace(self, question=question)


async def asked_of(request: Request, known: frozenset[str]) -> Asked:
    """Find out who asks; only known parameters may be given. Raises TooManyExports, Malformed."""
    house: House = request.app.state.house
    served: Served = request.app.state.served
    refuse_unknown(request.query_params, known)
    house.exporting.check()
    language = language_of(request.scope, dict(request.headers.raw))
    members: dict[str, Any] = {
        "query": "",
        "documentId": None,
        "operationName": None,
        "variables": {},
    }
    question = served.request(members, await served.caller(request), language)
    return Asked(request, house, served, question)


async def origin_of(house: House) -> str:
    """Give the name of the ledger as its checkpoints bear it; nothing before the first."""
    async with house.pool.connection() as connection:
        signed = await last_signed(connection)
    return "" if signed is None else signed.checkpoint.origin


def judged(wanted: Wanted, now: datetime) -> date:
    """Give the day that is judged: the one asked for, else that of `known`, else today."""
    if "on" in wanted.times:
        return day("on", wanted.times["on"])
    if "known" in wanted.times:
        now = datetime.fromisoformat(wanted.times["known"])
    return now.astimezone(BEIJING).date()


def named(text: str, asked: Asked) -> tuple[str, str]:
    """Take the form off a name, or find the form elsewhere. Raises Malformed."""
    name, _, ending = text.rpartition(".")
    if name and ending in TABLE_FORMS and name != READ.removesuffix("."):
        return name, ending
    return text, form_of(asked)


def form_of(asked: Asked) -> str:
    """Choose the form by the parameter `format`, or by what is accepted. Raises Malformed."""
    given = asked.given.get("format")
    if given is not None:
        if given not in TABLE_FORMS:
            raise Malformed(
                code="invalid_value",
                field="format",
                value=given,
                cure=f"Ask for one of: {', '.join(TABLE_FORMS)}.",
            )
        return given
    accepted = {
        part.partition(";")[0].strip().lower()
        for part in asked.request.headers.get("accept", "").split(",")
    }
    for form in TABLE_FORMS:
        if FORMATS[form].partition(";")[0] in accepted:
            return form
    return "csv"


def file_in(form: str, given: Mapping[str, str]) -> TableFile:
    """Begin a file of a form. Raises Malformed."""
    if form == "parquet":
        return ParquetFile()
    return CsvFile(
        bom=truth("bom", given.get("bom", "false")),
        guarded=truth("guard", given.get("guard", "false")),
    )


async def query_in(request: Request) -> dict[str, Any]:
    """Read a GraphQL request from a body. Raises Malformed."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LONGEST_QUERY:
            raise Malformed(
                code="too_large",
                field="body",
                cure=f"Send at most {LONGEST_QUERY} bytes, or save the query as an operation.",
            )
    found = decode(body)
    if not isinstance(found, dict) or not found.keys() <= _NAMED_QUERY:
        raise _unreadable(found)
    texts = [found.get(name) for name in ("query", "documentId", "operationName")]
    variables = found.get("variables")
    if any(text is not None and not isinstance(text, str) for text in texts) or not (
        variables is None or isinstance(variables, dict)
    ):
        raise _unreadable(found)
    if not found.get("query") and not found.get("documentId"):
        raise _unreadable(found)
    return found


def _unreadable(found: Any) -> Malformed:
    return Malformed(
        code="invalid_query",
        field="body",
        value=found,
        cure='Send {"query": "{ … }", "variables": {…}} as JSON; operationName is optional.',
    )
