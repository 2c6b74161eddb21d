"""`lifecycle history`: everything recorded about one project, and where it stands."""

from typing import Annotated, Any

import typer
from psycopg import AsyncConnection
from rich.markup import escape

from domain.envelope import Recorded
from domain.person_name import COMMITMENT_PREFIX
from server.database import database
from server.history import Account, account
from server.settings import from_environment
from server.stopping import run
from server.terminal import AsJson, Data, out, print_json, print_table, shown


def history(
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
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Show all events of a project: when, who, why, on what evidence; then its state."""

    async def read(conninfo: str) -> Account:
        async with await AsyncConnection.connect(conninfo, autocommit=True) as connection:
            return await account(connection, project, known, on)

    with database(from_environment(data=data)) as conninfo:
        found = run(read(conninfo))
    if as_json:
        print_json(_document(found))
    else:
        _show(found)


def _who(found: Account, event: Recorded) -> str:
    """Name who stands for an event; an erased name leaves the office."""
    name = found.names.get(event.actor.name or "")
    return f"{name} ({event.actor.org})" if name else event.actor.org


def _show(found: Account) -> None:
    """Write the account for a person."""
    project = found.project
    out.print(f"[bold]{escape(project.title or found.stream)}[/bold] {found.stream}")
    print_table(
        f"{len(found.events)} events as known at position {found.position}",
        ("position", "recorded", "fact", "on", "who", "why", "evidence", "since"),
        [
            (
                event.position,
                event.recorded_at,
                event.kind,
                event.occurred_on.text,
                _who(found, event),
                event.reason,
                [document.title for document in event.evidence],
                found.fates.get(event.id),
            )
            for event in found.events
        ],
    )
    for late in found.overtaken:
        out.print(
            f"Set aside on {shown(late.received_at)}: version {escape(late.record_version)} of"
            f" {escape(late.source)} ({late.kind}), a later one was known"
        )
    if project.facts:
        _show_state(found)
    else:
        out.print(f"On {found.on} nothing had happened yet.")


def _show_state(found: Account) -> None:
    """Write where the project stands."""
    project = found.project
    out.print(
        f"On {found.on}: phase {project.phase} (least advanced {project.phase_least}),"
        f" colour {project.colour}"
    )
    print_table(
        "Milestones",
        ("node", "phase", "planned", "actual", "moved"),
        [
            (
                state.node,
                state.phase_id,
                state.planned,
                None if state.actual is None else state.actual.on,
                state.replans or None,
            )
            for state in project.milestones
        ],
    )


def _document(found: Account) -> dict[str, Any]:
    """Give the account for programs."""
    return {
        "stream": found.stream,
        "known_position": found.position,
        "on": found.on,
        "events": [_event(found, event) for event in found.events],
        "superseded": [
            {
                "kind": late.kind,
                "source": late.source,
                "record_version": late.record_version,
                "received_at": late.received_at,
                "event": late.event,
            }
            for late in found.overtaken
        ],
        "state": _state(found),
    }


def _event(found: Account, event: Recorded) -> dict[str, Any]:
    """Give one event for programs."""
    actor = event.actor
    return {
        "position": event.position,
        "id": event.id,
        "version": event.version,
        "type": event.kind,
        "occurred_on": event.occurred_on.text,
        "recorded_at": event.recorded_at,
        "actor": {
            "id": actor.id,
            "name": found.names.get(actor.name or ""),
            "org": actor.org,
            "role": actor.role,
        },
        "reason": event.reason,
        "source": {
            "system": event.source.system,
            "record_id": event.source.record_id,
            "record_version": event.source.record_version,
        },
        "evidence": [
            {"id": document.id, "title": document.title, "sha256": document.sha256}
            for document in event.evidence
        ],
        "corrects": event.corrects,
        "fate": found.fates.get(event.id),
        "payload": _named(found, event.payload),
        "leaf_hash": event.leaf_hash.hex() if event.leaf_hash else None,
    }


def _named(found: Account, value: Any) -> Any:
    """Put names in place of the commitments that stand for them; erased ones give nothing."""
    if isinstance(value, dict):
        return {name: _named(found, item) for name, item in value.items()}
    if isinstance(value, list):
        return [_named(found, item) for item in value]
    if isinstance(value, str) and value.startswith(COMMITMENT_PREFIX):
        return found.names.get(value)
    return value


def _state(found: Account) -> dict[str, Any] | None:
    """Give where the project stands for programs; None before anything happened."""
    project = found.project
    if not project.facts:
        return None
    return {
        "title": project.title,
        "code": project.code,
        "district": project.district,
        "phase": project.phase,
        "phase_least": project.phase_least,
        "colour": project.colour,
        "milestones": [
            {
                "node": state.node,
                "phase_id": state.phase_id,
                "planned": None if state.planned is None else state.planned.text,
                "actual": None if state.actual is None else state.actual.on.text,
                "replans": state.replans,
            }
            for state in project.milestones
        ],
    }
