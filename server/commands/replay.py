"""`lifecycle replay`: the life of a project step by step, and what each event changed."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

import typer
from api.engine import Engine
from rich.markup import escape

from domain.errors import Malformed
from domain.words import Language
from intake.subject import reference
from server.clocks import end_of, judged_day, start_of
from server.database import database
from server.history import UnknownProject
from server.inquiry import TookTooLong, follow, inquire, patient_engine, question
from server.readable_change import kind_in, named, path_in, value_in
from server.settings import from_environment
from server.stopping import run
from server.terminal import AsJson, Data, Spoken, err, out, print_json, print_table, shown

_QUESTION = question("replay")
_PAGE = 100
_LESS_AT_ONCE = 10
_LESS = "fewer events with --from and --to"
_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "steps": "{count} steps",
        "none": "Nothing was recorded in between.",
        "true": "true on {on}, recorded {at}",
        "who": "who",
        "why": "why",
        "evidence": "evidence",
        "corrects": "corrects",
        "before": "before",
        "after": "after",
        "absent": "not there",
        "same": "It changed nothing that is compared.",
        "columns": "value|before|after",
        "next": "Enter goes on, q ends",
        "retracted": "(retracted since)",
    },
    "zh": {
        "steps": "共 {count} 步",
        "none": "其间没有记录。",
        "true": "发生 {on}，记录 {at}",
        "who": "责任人",
        "why": "理由",
        "evidence": "依据",
        "corrects": "更正",
        "before": "之前",
        "after": "之后",
        "absent": "尚无此项目",
        "same": "所比较的内容没有变化。",
        "columns": "字段|之前|之后",
        "next": "回车继续，q 结束",
        "retracted": "（后已撤销）",
    },
}


def replay(
    *,
    project: Annotated[
        str, typer.Argument(help="Its id, its national code, or source:<system>/<record id>.")
    ],
    known: Annotated[
        str | None,
        typer.Option(help="As known then: a time, or a day up to its end. Default: now."),
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(help="Judge the world on this day. Default: the day of --known, or today."),
    ] = None,
    recorded_from: Annotated[
        str | None, typer.Option("--from", help="Only what was recorded on this day or later.")
    ] = None,
    recorded_to: Annotated[
        str | None, typer.Option("--to", help="Only what was recorded by then.")
    ] = None,
    each_day: Annotated[
        bool,
        typer.Option("--each-day", help="Judge each step on the day it was recorded, not --on."),
    ] = False,
    step: Annotated[bool, typer.Option("--step", help="Wait for Enter after each step.")] = False,
    language: Spoken = "en",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Show what each event of a project changed: before, event, after, who, why, on what evidence.

    Every step is judged as known just before and just after its event, on the same day.
    """
    variables = {
        "project": _name(project),
        "known": known and end_of(known).isoformat(),
        "on": on and judged_day(on).isoformat(),
        "from": recorded_from and start_of(recorded_from, "from").isoformat(),
        "to": recorded_to and end_of(recorded_to, "to").isoformat(),
        "eachDay": each_day,
    }
    with database(from_environment(data=data)) as conninfo:
        follow(conninfo)
        if as_json:
            print_json(run(_whole(conninfo, variables, language)))
        else:
            run(_show(conninfo, variables, language, step=step))


def _name(project: str) -> str:
    """Give the name of a project as the contract wants it. Raises UnknownProject."""
    try:
        return str(reference(project))
    except Malformed as error:
        raise UnknownProject(value=project) from error


async def pages(
    engine: Engine, variables: dict[str, Any], language: Language
) -> AsyncIterator[dict[str, Any]]:
    """Give the project with page after page of its steps, and close the engine.

    Where a page takes too long, smaller ones are asked for. Raises UnknownProject and TookTooLong.
    """
    first, after = _PAGE, None
    try:
        while True:
            asked = {**variables, "first": first, "after": after}
            try:
                answer = await inquire(engine, _QUESTION, asked, language, less=_LESS)
            except TookTooLong:
                if first == 1:
                    raise
                first = max(1, first // _LESS_AT_ONCE)
                continue
            found = answer["project"]
            if found is None:
                raise UnknownProject(value=variables["project"])
            yield found
            if not found["replay"]["pageInfo"]["hasNextPage"]:
                return
            after = found["replay"]["pageInfo"]["endCursor"]
    finally:
        await engine.close()


async def _whole(conninfo: str, variables: dict[str, Any], language: Language) -> dict[str, Any]:
    """Give all steps for programs."""
    whole: dict[str, Any] = {}
    async for page in pages(patient_engine(conninfo), variables, language):
        told = {name: page[name] for name in ("id", "code", "title")}
        steps = [*whole.get("steps", ()), *page["replay"]["nodes"]]
        whole = {**told, "steps": steps}
    return whole


async def _show(
    conninfo: str, variables: dict[str, Any], language: Language, *, step: bool
) -> None:
    """Write the steps for a person, page by page."""
    words, number = _WORDS[language], 0
    async for page in pages(patient_engine(conninfo), variables, language):
        count = page["replay"]["totalCount"]
        if number == 0:
            title = escape(page["title"])
            out.print(f"[bold]{title}[/bold] {words['steps'].format(count=count)}")
        for node in page["replay"]["nodes"]:
            number += 1
            _show_step(node, f"{number}/{count}", language)
            if step and number < count and not _goes_on(words["next"]):
                return
        if count == 0:
            out.print(words["none"])


def _goes_on(wish: str) -> bool:
    """Wait for a person, who may have had enough."""
    err.print(f"[dim]{wish}[/dim]", end=" ")
    try:
        return input().strip().lower() not in {"q", "quit"}
    except EOFError:
        return False


def _show_step(node: dict[str, Any], number: str, language: Language) -> None:
    """Write one step: the event, who stands for it, and what it changed."""
    words, event = _WORDS[language], node["event"]
    recorded = shown(datetime.fromisoformat(event["recordedAt"]))
    told = words["true"].format(on=event["occurredOn"], at=recorded)
    fate = f" {words['retracted']}" if event["retracted"] else ""
    out.print(
        f"\n[bold]{number}[/bold] #{event['position']}"
        f" [bold]{escape(kind_in(event['type'], language))}[/bold] {told}{fate}"
    )
    actor, amended = event["actor"], event["corrects"]
    lines = {
        "who": " · ".join(filter(None, (actor["name"], actor["org"], actor["role"]))),
        "why": event["reason"],
        "evidence": "; ".join(
            f"{each['title']} {each['sha256'][:12]}…" for each in event["evidence"]
        ),
        "corrects": amended and f"#{amended['position']} {kind_in(amended['type'], language)}",
        "before": _state(node["before"], language),
        "after": _state(node["after"], language),
    }
    for name, line in lines.items():
        if line:
            out.print(f"  {words[name]}: {escape(line)}")
    if not node["changes"]:
        out.print(f"  {words['same']}")
        return
    rows = [
        (
            path_in(change["path"], language),
            value_in(change["old"], language),
            value_in(change["new"], language),
        )
        for change in node["changes"]
    ]
    print_table("", words["columns"].split("|"), rows)


def _state(project: dict[str, Any] | None, language: Language) -> str:
    """Write where the project stood, in a line."""
    if project is None:
        return _WORDS[language]["absent"]
    phases = dict.fromkeys((project["phase"], project["phaseLeast"]))
    parts = (*phases, project["colour"])
    return " · ".join(named(part, language) for part in parts)
