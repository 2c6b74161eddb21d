"""Answer `GET /exports` and what lies below it: tables and workbooks as files."""

from collections.abc import Sequence
from typing import Any, Final

from api.extraction import roots_of
from api.read_model import table_names
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from server.exports.about import SCHEMA_VERSION
from server.exports.answering import answered
from server.exports.asked import (
    TABLE_FORMS,
    Asked,
    asked_of,
    form_of,
    judged,
    named,
    origin_of,
    query_in,
)
from server.exports.catalogue import READ, documents, operations
from server.exports.meeting import TITLE, Meeting, meeting_tables
from server.exports.options import (
    period_of,
    refuse_unknown,
    regions_of,
    variables_of,
    wanted_of,
    year_of,
)
from server.exports.package_pages import package_routes
from server.exports.refusals import UnknownExport, translated
from server.exports.tables import OperationTable, ReadModelTable, Table

CLOCKS: Final = frozenset({"known", "known_position", "on", "lang"})
TABLE: Final = CLOCKS | {"field", "rows", "limit", "bom", "guard", "names", "format"}
MODEL: Final = TABLE - {"field", "rows"}
NAMED: Final = TABLE | {"variables"}
MEETING: Final = CLOCKS | {"region", "year", "period", "names"}


def export_routes() -> list[Route]:
    """List what can be fetched at which path."""
    return [
        Route("/exports", list_exports, methods=["GET"]),
        Route("/exports/meeting.xlsx", export_meeting, methods=["GET"]),
        Route("/exports/tables/{name}", export_table, methods=["GET"]),
        Route("/exports/queries", export_query, methods=["POST"]),
        *package_routes(),
    ]


async def list_exports(request: Request) -> Response:
    """List what can be exported: formats, packages, operations and read models."""
    paths = [getattr(route, "path", "") for route in request.app.routes]
    return JSONResponse(
        {
            "schema_version": SCHEMA_VERSION,
            "formats": TABLE_FORMS,
            "packages": [path for path in paths if _is_package(path)],
            "operations": [
                {"name": name, "title": {"en": words.en, "zh": words.zh}}
                for name, words in operations().items()
            ],
            "read_models": [f"{READ}{name}" for name in table_names()],
        }
    )


def _is_package(path: str) -> bool:
    """Tell whether what lies at a path is whole and needs no name."""
    return path.startswith("/exports/") and path.endswith((".xlsx", ".json"))


async def export_table(request: Request) -> Response:
    """Give an operation or a read model as a table.

    The name is that of an operation, or `read.` and that of a read model, perhaps with the ending
    of a format, as overdue.csv; without one `format` or the Accept header decides, or else it is
    CSV.
    """
    asked = await asked_of(request, NAMED)
    name, form = named(request.path_params["name"], asked)
    if name.startswith(READ):
        return await _read_model(asked, name, form)
    words = operations().get(name)
    if words is None:
        raise UnknownExport(reason=f"No operation is called {name[:100]!r}.", field="name")
    variables = variables_of(asked.given.get("variables"))
    asked = asked.asking({"query": documents()[name], "variables": variables}, is_own=True)
    title = words.zh if asked.language == "zh" else words.en
    return await answered(asked, await _tables(asked, title, form), form, (name, title))


async def _read_model(asked: Asked, name: str, form: str) -> Response:
    """Give the table of a read model, which is one table without choices."""
    refuse_unknown(asked.given, MODEL)
    wanted = wanted_of(asked.given, await origin_of(asked.house))
    with translated():
        table = ReadModelTable(asked.served.engine, asked.question, wanted, name.removeprefix(READ))
    return await answered(asked, [table], form, (name, name))


async def export_query(request: Request) -> Response:
    """Give the answer to a query of one's own as a table.

    The body is a GraphQL request in JSON; all else is asked for as with a named table.
    """
    asked = await asked_of(request, TABLE)
    members = await query_in(request)
    asked, form = asked.asking(members), form_of(asked)
    title = str(members.get("operationName") or ("查询" if asked.language == "zh" else "Query"))
    return await answered(asked, await _tables(asked, title, form), form, ("query", title))


async def export_meeting(request: Request) -> Response:
    """Give the workbook for the standing meeting on major projects.

    It has a sheet a question, as the board, overdue nodes, the funnel and the ranking, each with
    its title, units, a header that stays, and the line that says as of when.
    """
    asked = await asked_of(request, MEETING)
    given = asked.given
    wanted = wanted_of(given, await origin_of(asked.house))
    meeting = Meeting(
        judged(wanted, asked.served.engine.clock()),
        regions_of(given.get("region")),
        year_of(given.get("year")),
        period_of(given.get("period")),
    )
    with translated():
        tables = meeting_tables(asked.served.engine, asked.question, meeting, wanted)
    title = TITLE.zh if asked.language == "zh" else TITLE.en
    return await answered(asked, tables, "xlsx", ("meeting", title))


async def _tables(asked: Asked, title: str, form: str) -> Sequence[Table]:
    """Choose what of a query is exported: one field, or in a workbook all of them."""
    engine, given = asked.served.engine, asked.given
    wanted = wanted_of(given, await origin_of(asked.house))
    with translated():
        keys: Sequence[Any] = [given.get("field")]
        if form == "xlsx" and keys == [None]:
            keys = list(roots_of(engine, asked.question))
        return [
            OperationTable(
                engine,
                asked.question,
                wanted,
                title=title if len(keys) == 1 else f"{title} {key}",
                key=key,
                rows=given.get("rows"),
            )
            for key in keys
        ]
