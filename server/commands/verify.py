"""`lifecycle verify`: read the whole ledger and say whether there is any doubt."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from domain.errors import NotFound, Refused
from ledger.evidence.check import check_bundle
from ledger.last_checkpoint import LastCheckpoint
from ledger.note import Verifier
from ledger.time_token import roots_in
from ledger.verification.finding import Findings
from ledger.verification.published import check_published
from ledger.verification.signatures import Trust
from ledger.verification.verify import Verification
from ledger.verification.verify import verify as verify_ledger
from projections.catalogue import VIEWS
from projections.spans.span_verification import check_spans
from projections.verification import check_models
from server.administration import record as record_fact
from server.database import database
from server.house import opened
from server.settings import Settings, from_environment
from server.stopping import run
from server.terminal import REFUSED, AsJson, Data, err, out, print_json, print_table, progress

EMPTIED = "what the rows that were refused said, which may be emptied"
"""What no event can tell, since it may go."""
_NOTHING_READ = frozenset({"unreadable", "empty"})
"""Checks that say nothing of what is there, but that it could not be read."""


class NoKeyGiven(Refused):
    """Published files are checked by a key that was got elsewhere, and none is given."""

    code = "no_key_given"
    field = "--key"
    cure = "Give it with --key, as <name>+<id>+<base64>; nothing was verified."


class UnfittingOptions(Refused):
    """{option} cannot be checked together with {value}."""

    code = "unfitting_options"
    cure = "Leave it out, or verify the ledger itself; nothing was verified."


class UnreadableFile(NotFound):
    """The file {value} cannot be read: {reason}."""

    code = "unreadable_file"
    cure = "Name the file as it was published; nothing was verified."


def verify(
    *,
    data: Data = None,
    against: Annotated[
        Path | None,
        typer.Option(help="A checkpoint that was kept elsewhere; the ledger must continue it."),
    ] = None,
    key: Annotated[
        list[str] | None,
        typer.Option(help="A verifier key that was got elsewhere, as <name>+<id>+<base64>."),
    ] = None,
    tsa_root: Annotated[
        Path | None,
        typer.Option(help="The root certificate of the time authority, as PEM."),
    ] = None,
    published: Annotated[
        Path | None,
        typer.Option(help="Check a folder of published files instead; it needs --key."),
    ] = None,
    offline: Annotated[
        Path | None,
        typer.Option(help="Check an evidence bundle instead, a folder or a zip file."),
    ] = None,
    record: Annotated[
        bool, typer.Option("--record", help="Record what was found as events in the ledger.")
    ] = False,
    models: Annotated[
        bool, typer.Option("--models", help="Fold every read model anew too, and compare.")
    ] = False,
    processes: Annotated[
        int | None, typer.Option(min=1, help="How many processes. Default: one for each core.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read every byte of the ledger and say what was read and found; nothing is ever changed.

    Ends with code 1 at any doubt. Without --against and --key it is the ledger's own word that is
    checked: a history rebuilt with the ledger's own key shows only against what left the building.
    """
    database_only = {"--models": models, "--record": record}
    if published is not None:
        _refuse("--published", database_only | {"--offline": offline, "--tsa-root": tsa_root})
        if not key:
            raise NoKeyGiven
    if offline is not None:
        _refuse("--offline", database_only | {"--against": against})
    settings = from_environment(data=data)
    trust = Trust(
        [Verifier.parse(text) for text in key or ()],
        None if against is None else content(against),
        LastCheckpoint(settings.last_checkpoint),
        () if tsa_root is None else roots_in(tsa_root),
    )
    if published is not None:
        _end(_published(published, trust), trust, settings, as_json=as_json)
        return
    if offline is not None:
        _end(_bundle(offline, trust), replace(trust, last=None), settings, as_json=as_json)
        return
    with database(settings, as_it_is=True) as conninfo:
        with progress("Verifying") as move:
            found = verify_ledger(conninfo, move, trust, processes=processes)
        if models:
            with progress("Folding") as move:
                found.read["models"] = check_models(conninfo, VIEWS, found.findings, move)
            with progress("Judging", "projects") as move:
                found.read["judged_projects"] = check_spans(conninfo, found.findings, move)
        if record and not found.ok:
            run(_record(settings, conninfo, found))
    not_covered = _not_covered(found)
    if not as_json:
        err.print(f"Not covered: {'; '.join(not_covered)}. docs/proof.md says why.")
    _end(found, trust, settings, as_json=as_json, not_covered=not_covered)


def _not_covered(found: Verification) -> list[str]:
    """Say of what beside the tree no doubt could be found."""
    said = [EMPTIED]
    if found.open_books:
        said.append(f"entries that no event has closed yet, of {', '.join(found.open_books)}")
    return said


async def _record(settings: Settings, conninfo: str, found: Verification) -> None:
    """Record the first finding of each check, with how many there were; nobody is exempt."""
    first = {each.check: each for each in reversed(found.findings.first)}
    async with opened(settings, conninfo) as house:
        for check, count in found.findings.counts.items():
            finding = first[check]
            payload = {
                "check": check,
                "position": finding.position,
                "message": finding.message,
                "findings": count,
            }
            named = f"finding-{found.root[:16]}-{check}-{count}"
            await record_fact(house, "FindingReported", payload, record_id=named)


def _end(
    found: Verification,
    trust: Trust,
    settings: Settings,
    *,
    as_json: bool,
    not_covered: Sequence[str] = (),
) -> None:
    """Report, and end with the code that says whether there is any doubt."""
    if as_json:
        told = {"trusted": _trusted(trust), "not_covered": list(not_covered)}
        print_json({**found.as_json(), **told})
    else:
        _show(found, trust, settings)
    if not found.ok:
        raise typer.Exit(REFUSED)


def _refuse(alone: str, others: Mapping[str, object]) -> None:
    """Refuse options that would be ignored: nobody shall think that they were heeded.

    Raises UnfittingOptions.
    """
    for option, given in others.items():
        if given:
            raise UnfittingOptions(option=option, value=alone)


def _published(folder: Path, trust: Trust) -> Verification:
    """Check published files by themselves."""
    findings = Findings()
    read = check_published(folder, trust.keys, findings, trust.against)
    return Verification(read, "", findings)


def _bundle(source: Path, trust: Trust) -> Verification:
    """Check an evidence bundle by itself."""
    findings = Findings()
    read = check_bundle(source, trust.keys, trust.roots, findings)
    return Verification(read, "", findings)


def content(path: Path) -> bytes:
    """Read a file that was kept. Raises UnreadableFile."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFile(value=path, reason=error.strerror) from error


def _trusted(trust: Trust) -> dict[str, bool]:
    """Say what the verification stands on besides the ledger itself."""
    return {
        "key": bool(trust.keys),
        "checkpoint": trust.against is not None,
        "time_authority": bool(trust.roots),
    }


def _show(found: Verification, trust: Trust, settings: Settings) -> None:
    """Write the result for a person."""
    read = ", ".join(f"{count} {what}" for what, count in found.read.items())
    out.print(f"Read {read or 'nothing'}")
    if found.ok:
        out.print(f"[green]No doubt[/green]: root {found.root or 'as signed'}")
    else:
        rows = [(each.check, each.position, each.message) for each in found.findings.first]
        print_table("Found", ("check", "position", "message"), rows)
        total = sum(found.findings.counts.values())
        told = "keep this ledger as it is, and ask its auditors."
        if "unreadable" in found.findings.counts.keys() <= _NOTHING_READ:
            told = "not everything could be checked; find out why, and verify again."
        err.print(f"[red]{total} findings[/red]; {told}")
    if trust.last is None and not trust.keys:
        err.print("Checked by the keys in the bundle; --key compares them with one got elsewhere.")
    elif not trust.keys and trust.against is None:
        key = escape(str(settings.last_checkpoint))
        err.print(
            "Checked against its own word only, with the last checkpoint in"
            f" {key}; --against and --key compare it with what left the building."
        )
