"""List the commands: what each is called, where it lives, and the line that says what it does.

The lines stand here as well as in the commands, so that the list is shown without importing any.
"""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

from server.stopping import deferred


class Entry(NamedTuple):
    """A command, or a group of commands: the module and the name in it, and its line."""

    module: str
    name: str
    line: str


DIRECTORY: Mapping[str, Entry] = MappingProxyType(
    {
        "demo": Entry(
            "demo", "demo", "Load the demonstration portfolio, show what can be asked, and serve."
        ),
        "serve": Entry(
            "serving", "serve", "Serve the ledger: GraphQL, deliveries, schemas and health."
        ),
        "append": Entry(
            "append",
            "append",
            "Append facts: CloudEvents as one JSON object, as an array, or one a line (NDJSON).",
        ),
        "history": Entry(
            "history",
            "history",
            "Show all events of a project: when, who, why, on what evidence; then its state.",
        ),
        "diff": Entry(
            "diff",
            "diff",
            "Show which projects differ between two pairs of clocks, and which event made them.",
        ),
        "replay": Entry(
            "replay",
            "replay",
            "Show what each event of a project changed:"
            " before, event, after, who, why, on what evidence.",
        ),
        "status": Entry(
            "state",
            "status",
            "Show the ledger's size, clock and root, and how far each read model has followed.",
        ),
        "rebuild": Entry(
            "state",
            "rebuild",
            "Fold read models anew from all events and swap them in; reading goes on meanwhile.",
        ),
        "bench": Entry(
            "bench",
            "bench",
            "Measure appending, catching up and asking beside the peers, on one PostgreSQL.",
        ),
        "schema": Entry(
            "schema", "schema", "Print the GraphQL schema, or the JSON Schema of a kind of fact."
        ),
        "verify": Entry(
            "verify",
            "verify",
            "Read every byte of the ledger and say what was read and found;"
            " nothing is ever changed.",
        ),
        "backup": Entry(
            "backups",
            "backup",
            "Write the whole ledger into one file, and read it back before it counts.",
        ),
        "restore": Entry(
            "backups",
            "restore",
            "Put a backup into an empty database and verify it;"
            " what is there is never overwritten.",
        ),
        "bundle": Entry(
            "bundle",
            "bundle",
            "Write evidence that verifies with no server: events, proofs, keys,"
            " and how to check them.",
        ),
        "witness": Entry(
            "witness",
            "witness",
            "Cosign what continues the history seen before, refuse the rest,"
            " and keep the evidence.",
        ),
        "approve": Entry(
            "approvals",
            "approve",
            "Approve, as a second person, the very bytes that somebody else has sent.",
        ),
        "erase": Entry(
            "approvals",
            "erase",
            "Ask for names of persons to be erased; they are once a second person approves.",
        ),
        "token": Entry(
            "tokens", "commands", "Give out, list and revoke tokens; see who was refused what."
        ),
        "attestation": Entry(
            "attestation",
            "commands",
            "Let sources sign what they send, by keys that never come near the ledger.",
        ),
        "ledger": Entry(
            "log", "commands", "Sign and publish the ledger, and declare what happens to it."
        ),
        "register": Entry(
            "registers", "commands", "Registers (台账): workbooks and CSV files of many projects."
        ),
        "quarantine": Entry(
            "quarantine", "commands", "Deliveries that were kept instead of appended."
        ),
        "batch": Entry("batches", "commands", "Batches: what was delivered together."),
        "export": Entry(
            "export",
            "commands",
            "Hand out what is known: tables, workbooks, OC4IDS packages, event logs.",
        ),
        "webhook": Entry("webhooks", "commands", "Tell other systems of events over HTTP."),
    }
)


def load(name: str) -> Any:
    """Import the module of a command and make it ready to be called."""
    entry = DIRECTORY[name]
    with deferred():
        module = import_module(f"server.commands.{entry.module}")
    found = getattr(module, entry.name)
    if isinstance(found, typer.Typer):
        return get_group(found)
    alone = typer.Typer(add_completion=False)
    alone.command(name)(found)
    return get_command(alone)


class OnlyTheCalled(TyperGroup):
    """A group that imports only the command that is called; of the others it knows their lines."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Find the command that the arguments name, and import it."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, None if name is None else load(name), rest
