"""`lifecycle diff`: what is different about projects between two pairs of clocks, and why."""

from datetime import datetime
from typing import Annotated, Any

import typer
from api.enums import ChangedField
from rich.markup import escape

from domain.words import Language
from server.clocks import end_of, judged_day
from server.database import database
from server.inquiry import follow, inquire, patient_engine, question
from server.readable_change import kind_in, named, path_in, value_in
from server.settings import from_environment
from server.stopping import run
from server.terminal import AsJson, Data, Spoken, out, print_json, print_table

_QUESTION = question("diff")
_LESS = "fewer projects with --first, --region or --text, or for less of them with --field"
_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "columns": "value|before|after|caused by|recorded|who|why",
        "none": "Nothing is different.",
        "count": "{count} projects are different.",
        "more": "More are different; go on with --after {last}",
        "time": "(time passed)",
    },
    "zh": {
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
        "from": _clocks(from_known, from_on, "from"),
        "to": _clocks(to_known, to_on, "to"),
        "filter": {"region": region, "text": text},
        "fields": [each.name for each in field] if field else None,
        "first": first + 1,
        "after": after,
    }
    with database(from_environment(data=data)) as conninfo:
        follow(conninfo)
        found = run(_asked(conninfo, variables, language))
    shown = found[:first]
    if as_json:
        print_json({"projects": shown, "more": len(found) > first})
    else:
        _show(shown, language, is_more=len(found) > first)


def _clocks(known: str | None, on: str | None, side: str) -> dict[str, str | None]:
    """Give one pair of clocks as GraphQL wants it. Raises Malformed."""
    moment = None if known is None else end_of(known, side).isoformat()
    day = None if on is None else judged_day(on, f"{side}-on").isoformat()
    return {"known": moment, "on": day}


async def _asked(
    conninfo: str, variables: dict[str, Any], language: Language
) -> list[dict[str, Any]]:
    """Ask the read models."""
    engine = patient_engine(conninfo)
    try:
        answer = await inquire(engine, _QUESTION, variables, language, less=_LESS)
        rows: list[dict[str, Any]] = answer["diff"]
        return rows
    finally:
        await engine.close()


def _show(rows: list[dict[str, Any]], language: Language, *, is_more: bool) -> None:
    """Write the differences for a person."""
    words = _WORDS[language]
    for row in rows:
        project = row["project"]
        kind = named(row["kind"], language).lower()
        title = f"{kind}: {project['title']} {project['code'] or project['id']}"
        lines = [_line(change, language) for change in row["changes"]]
        print_table(escape(title), words["columns"].split("|"), lines)
    if not rows:
        out.print(words["none"])
        return
    out.print(words["count"].format(count=len(rows)))
    if is_more:
        out.print(words["more"].format(last=rows[-1]["project"]["id"]))


def _line(change: dict[str, Any], language: Language) -> tuple[object, ...]:
    """Lay one difference out."""
    cause = change["cause"]
    told = (
        path_in(change["path"], language),
        value_in(change["old"], language),
        value_in(change["new"], language),
    )
    if cause is None:
        return (*told, _WORDS[language]["time"], None, None, None)
    who = " ".join(filter(None, (cause["actor"]["name"], cause["actor"]["org"])))
    kind = f"#{cause['position']} {kind_in(cause['type'], language)}"
    return (*told, kind, datetime.fromisoformat(cause["recordedAt"]), who, cause["reason"])
