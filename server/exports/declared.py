"""Declare what can be asked of exports over HTTP."""

from typing import Final

from server.declaring import JSON, OBJECT, TEXT_SCHEMA, WORKBOOK, Declared, asked
from server.event_schemas import Schema
from server.exports.asked import TABLE_FORMS
from server.exports.catalogue import operations
from server.exports.csv_file import CsvFile
from server.exports.options import MOST_POSITION, MOST_ROWS
from server.exports.parquet_file import ParquetFile

_YES_OR_NO: Final[Schema] = {"type": "boolean"}
_CLOCKS: Final = [
    asked("known", TEXT_SCHEMA, "As known then: a time, or a day up to its end in Beijing."),
    asked(
        "known_position",
        {"type": "integer", "minimum": 0, "maximum": MOST_POSITION},
        "The same as a position of the ledger; not together with known.",
    ),
    asked("on", {"type": "string", "format": "date"}, "The day that is judged."),
    asked("lang", {"enum": ["en", "zh"]}, "The language of words for people."),
]
_NAMES: Final = asked("names", _YES_OR_NO, "Whether cells may hold names of persons.")
_TABLE: Final = [
    *_CLOCKS,
    asked(
        "format", {"enum": list(TABLE_FORMS)}, "The form, where neither name nor Accept says it."
    ),
    asked("field", TEXT_SCHEMA, "The field of a query that asks for several."),
    asked("rows", TEXT_SCHEMA, "The list that becomes rows, as ranking.rows."),
    asked(
        "limit", {"type": "integer", "minimum": 1, "maximum": MOST_ROWS}, "At most so many rows."
    ),
    asked("bom", _YES_OR_NO, "Of CSV: let Excel know that it is UTF-8."),
    asked("guard", _YES_OR_NO, "Of CSV: keep spreadsheets from taking texts for formulas."),
    _NAMES,
]
_REGION: Final = asked(
    "region",
    {"type": "string", "pattern": "^[0-9]{2,12}(,[0-9]{2,12})*$"},
    "Only these districts, by code or its beginning.",
)
_PROJECT: Final = asked(
    "project", {"type": "string", "minLength": 1}, "Only this project: its id, code:… or source:…."
)
_TABLES: Final[dict[str, Schema]] = {
    CsvFile.media_type.partition(";")[0]: TEXT_SCHEMA,
    ParquetFile.media_type: TEXT_SCHEMA,
    WORKBOOK: TEXT_SCHEMA,
}
_REFUSALS: Final = (400, 404, 429, 503)
_QUERY: Final[Schema] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "query": TEXT_SCHEMA,
        "documentId": {"enum": list(operations())},
        "operationName": {"type": ["string", "null"]},
        "variables": {"type": ["object", "null"]},
    },
    "anyOf": [{"required": ["query"]}, {"required": ["documentId"]}],
}
_EXAMPLE: Final = {"query": "{ board { region red yellow green grey total } }"}


def _package(*more: Schema) -> Declared:
    """Declare a package in JSON."""
    return Declared(
        {JSON: OBJECT},
        [*_CLOCKS, _REGION, _PROJECT, *more],
        refusals=_REFUSALS,
        may_be_unchanged=True,
    )


EXPORTS: Final[dict[tuple[str, str], Declared]] = {
    ("GET", "/exports"): Declared({JSON: OBJECT}),
    ("GET", "/exports/tables/{name}"): Declared(
        _TABLES,
        [*_TABLE, asked("variables", TEXT_SCHEMA, "The variables of the query, as JSON.")],
        refusals=_REFUSALS,
        may_be_unchanged=True,
    ),
    ("POST", "/exports/queries"): Declared(
        _TABLES,
        _TABLE,
        {JSON: {"schema": _QUERY, "example": _EXAMPLE}},
        _REFUSALS,
        may_be_unchanged=True,
    ),
    ("GET", "/exports/meeting.xlsx"): Declared(
        {WORKBOOK: TEXT_SCHEMA},
        [
            *_CLOCKS,
            _REGION,
            asked("year", {"type": "integer", "minimum": 1900, "maximum": 2200}, "The year."),
            asked(
                "period",
                {"type": "string", "pattern": "^[0-9]{4}(-(Q[1-4]|H[12]|(0[1-9]|1[0-2])))?$"},
                "The round of the ranking; by default the last quarter.",
            ),
            _NAMES,
        ],
        refusals=_REFUSALS,
        may_be_unchanged=True,
    ),
    ("GET", "/exports/oc4ids.json"): _package(),
    ("GET", "/exports/releases.json"): _package(),
    ("GET", "/exports/ocel.json"): _package(_NAMES),
}
"""Every route of exports by its method and path."""
