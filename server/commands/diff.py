"""`lifecycle diff`: what is different about projects between two pairs of clocks, and why."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from api.engine import Settings
from api.enums import ChangedField
from api.request import Request
from api.serving import engine_over
from api.weight import Limits
from rich.markup import escape

from domain.errors import Malformed
from domain.words import Language
from projections.runner import Runner
from projections.views import VIEWS
from server.clocks import end_of, judged_day
from server.database import database
from server.settings import from_environment
from server.stopping import run
from server.terminal import AsJson, Data, Spoken, out, print_json, print_table, progress

_QUESTION = Path(__file__).with_name("diff.graphql")
_PATIENT = Settings(Limits(cost=100_000_000), seconds=120)
"""The ledger's own operator may ask for a whole portfolio."""
_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "ADDED": "added",
        "REMOVED": "removed",
        "CHANGED": "changed",
        "columns": "value|before|after|caused by|recorded|who|why",
        "none": "Nothing is different.",
        "count": "{count} projects are different.",
        "more": "More are different; go on with --after {last}",
        "time": "(time passed)",
    },
    "zh": {
        "ADDED": "新增",
        "REMOVED": "消失",
        "CHANGED": "变更",
        "columns": "字段|变动前|变动后|原因事件|记录时间|责任人|理由",
        "none": "没有变动。",
        "count": "共 {count} 个项目有变动。",
        "more": "还有更多变动；继续请加 --after {last}",
        "time": "（仅时间推移）",
    },
}


def diff(
    *,
    from_known: Annotated[
        str, typer.Option("--from", help="As known then: a time, or a day up to its end.")
    ],
    to_known: Annotated[
        str | None, typer.Option("--to", help="As known then. Default: now.")
    ] = None,
    from_on: Annotated[
        str | None, typer.Option(help="Judge the world on this day. Default: the day of --from.")
    ] = None,
    to_on: Annotated[
        str | None, typer.Option(help="Judge the world on this day. Default: the day of --to.")
    ] = None,
    region: Annotated[
        list[str] | None, typer.Option(help="Only this district, by code; may be given again.")
    ] = None,
    text: Annotated[
        str | None, typer.Option(help="Only projects with this in their title or code.")
    ] = None,
    field: Annotated[
        list[ChangedField] | None,
        typer.Option(help="Compare only this; may be given again. Default: all but investment."),
    ] = None,
    first: Annotated[
        int, typer.Option(min=1, max=10_000, help="At most so many projects.")
    ] = 1_000,
    after: Annotated[str | None, typer.Option(help="Go on after the project with this id.")] = None,
    language: Spoken = "en",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Show which projects differ between two pairs of clocks, and which event made them.

    Projects that appeared or vanished in between are among them.
    """
    variables = {
        "from": _clocks(from_known, from_on),
        "to": _clocks(to_known, to_on),
        "filter": {"region": region, "text": text},
        "fields": [each.name for each in field] if field else None,
        "first": first + 1,
        "after": after,
    }
    with database(from_environment(data=data)) as conninfo:
        with progress("Projecting") as move:
            Runner(conninfo, VIEWS).catch_up(move)
        found = run(_asked(conninfo, variables))
    shown = found[:first]
    if as_json:
        print_json({"projects": shown, "more": len(found) > first})
    else:
        _show(shown, len(found) > first, _WORDS[language])


def _clocks(known: str | None, on: str | None) -> dict[str, str | None]:
    """Give one pair of clocks as GraphQL wants it. Raises Malformed."""
    moment = None if known is None else end_of(known).isoformat()
    return {"known": moment, "on": None if on is None else judged_day(on).isoformat()}


async def _asked(conninfo: str, variables: dict[str, Any]) -> list[dict[str, Any]]:
    """Ask the read models. Raises Malformed for what they refuse."""
    engine = engine_over(
        conninfo, connections=1, settings=_PATIENT, statement_seconds=_PATIENT.seconds
    )
    try:
        question = Request(_QUESTION.read_text(encoding="utf-8"), variables=variables)
        answer = orjson.loads((await engine.answer(question)).body)
    finally:
        await engine.close()
    for error in answer.get("errors", ()):
        code = error.get("extensions", {}).get("code", "refused")
        raise Malformed(code=code.lower(), field="diff", value="", cure=error["message"])
    rows: list[dict[str, Any]] = answer["data"]["diff"]
    return rows


def _show(rows: list[dict[str, Any]], is_more: bool, words: dict[str, str]) -> None:  # noqa: FBT001
    """Write the differences for a person."""
    columns = words["columns"].split("|")
    for row in rows:
        project = row["project"]
        title = f"{words[row['kind']]}: {project['title']} {project['code'] or project['id']}"
        lines = [_line(change, words) for change in row["changes"]]
        print_table(escape(title), columns, lines)
    if not rows:
        out.print(words["none"])
        return
    out.print(words["count"].format(count=len(rows)))
    if is_more:
        out.print(words["more"].format(last=rows[-1]["project"]["id"]))


def _line(change: dict[str, Any], words: dict[str, str]) -> tuple[object, ...]:
    """Lay one difference out."""
    cause = change["cause"]
    told = (change["path"], _plain(change["old"]), _plain(change["new"]))
    if cause is None:
        return (*told, words["time"], None, None, None)
    who = " ".join(filter(None, (cause["actor"]["name"], cause["actor"]["org"])))
    kind = f"{cause['type']} #{cause['position']}"
    recorded = datetime.fromisoformat(cause["recordedAt"])
    return (*told, kind, recorded, who, cause["reason"])


def _plain(value: Any) -> object:
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else value
