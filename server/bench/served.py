"""Time every published operation as served ledgers answer it: `./scripts/bench-operations`.

One ledger is timed by itself; of two, of different sizes, each answers in its turn. What asks about
one project may take at most three times as long in the larger one, and everything else no more than
in proportion to the projects. Nothing may take a second.
"""

import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from math import inf
from time import perf_counter
from typing import Annotated, Any

import httpx2
import typer
from api.trusted import FOLDER

from domain.errors import LedgerError, NotFound
from server.bench.turns import Rounds, taken_in_turns
from server.client import LedgerClient, LedgerRefused
from server.terminal import REFUSED, AsJson, err, print_json, print_table, progress

LONGEST_SECONDS = 1.0
ONE_PROJECT_AT_MOST = 3.0
_OF_ONE_PROJECT = frozenset({"id", "code"})
_ASKED = re.compile(r"\$(\w+)\s*:")
_THERE = """
query There($text: String!) {
  found: projects(first: 1, filter: { text: $text }) { nodes { id code } }
  all: projects(first: 1) { totalCount }
  policies(kind: "post-evaluation") { id }
}
"""

Variables = Mapping[str, str | None]


class NothingToAskAbout(NotFound):
    """No project with a code is found by {value}."""

    code = "nothing_to_ask_about"
    field = "--project"
    cure = "Give a part of a title that a project of each ledger has."


@dataclass(frozen=True, slots=True)
class Served:
    """A ledger that answers, how many projects it has, and what its operations ask about."""

    ledger: LedgerClient
    projects: int
    variables: Variables

    @classmethod
    def found(cls, ledger: LedgerClient, text: str, batch: str | None = None) -> "Served":
        """Find a project by a text, and a policy, to ask about. Raises NothingToAskAbout."""
        there = ledger.query(_THERE, {"text": text})
        for project in there["found"]["nodes"]:
            if project["code"]:
                today = there["policies"][-1]["id"] if there["policies"] else None
                about = {"id": project["id"], "code": project["code"], "today": today}
                others = {"batch": batch, "after": None, "edition": None}
                return cls(ledger, there["all"]["totalCount"], about | others)
        raise NothingToAskAbout(value=text)

    def seconds(self, query: str, variables: Variables) -> float:
        """Ask once and give how long that took."""
        start = perf_counter()
        self.ledger.query(query, variables)
        return perf_counter() - start


@dataclass(frozen=True, slots=True)
class Timed:
    """One operation: the median milliseconds of each ledger, and what is allowed of them.

    There are none where a ledger refused to answer; then it is said why.
    """

    name: str
    milliseconds: tuple[float, ...]
    at_most: float
    refused: str | None = None

    @property
    def ratio(self) -> float | None:
        """Give how much longer the first ledger takes than the second, if there is one."""
        return self.milliseconds[0] / self.milliseconds[1] if len(self.milliseconds) > 1 else None

    @property
    def met(self) -> bool:
        """Tell whether it is answered, quick enough, and not too much slower."""
        if self.refused is not None:
            return False
        quick = max(self.milliseconds) < LONGEST_SECONDS * 1000
        return quick and (self.ratio is None or self.ratio <= self.at_most)


def timed(ledgers: Sequence[Served], name: str, rounds: int) -> Timed | None:
    """Time an operation, once it has been asked; None for one that nothing is known to ask of."""
    query = (FOLDER / f"{name}.graphql").read_text("utf-8")
    wanted = _ASKED.findall(query)
    contenders = {}
    for place, served in enumerate(ledgers):
        known = dict(served.variables)
        if name == "import-receipt":
            known["id"] = known["batch"]
        variables = {asked: known[asked] for asked in wanted}
        if variables.get("id", "") is None:
            return None
        try:
            served.seconds(query, variables)
        except LedgerRefused as refusal:
            return Timed(name, (), 0, refused=str(refusal))
        contenders[str(place)] = partial(_speed, served, query, variables)
    found = taken_in_turns(contenders, rounds)
    own = not _OF_ONE_PROJECT.isdisjoint(wanted)
    growth = ledgers[0].projects / ledgers[-1].projects
    return Timed(name, _milliseconds(found, len(ledgers)), ONE_PROJECT_AT_MOST if own else growth)


def run(
    addresses: Annotated[
        list[str], typer.Argument(help="A served ledger, and perhaps a smaller one beside it.")
    ],
    *,
    project: Annotated[
        str, typer.Option(help="Part of the title of the project that is asked about.")
    ] = "科彩",
    batch: Annotated[
        list[str] | None, typer.Option(help="A delivery of each ledger, to ask for its receipt.")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="How often each is asked.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Ask served ledgers every published operation, by turns, and print the medians.

    Serve them with LIFECYCLE_GRAPHQL_CACHE_MB=0: an answer that was kept says nothing. Ends with
    code 1 if an operation takes a second, or longer than the size allows beside the smaller ledger.
    """
    names = sorted(path.stem for path in FOLDER.glob("*.graphql"))
    with ExitStack() as stack, progress("Asking", "operations") as move:
        batches = [*(batch or ()), *[None] * len(addresses)]
        ledgers = [
            Served.found(stack.enter_context(LedgerClient(address)), project, given)
            for address, given in zip(addresses, batches, strict=False)
        ]
        rows = []
        for done, name in enumerate(names, 1):
            rows.append(timed(ledgers, name, rounds))
            move(done, len(names))
    found = [row for row in rows if row is not None]
    if as_json:
        print_json([_as_json(row) for row in found])
    else:
        _show(found, ledgers)
    if not all(row.met for row in found):
        raise typer.Exit(REFUSED)


def _speed(served: Served, query: str, variables: Variables) -> float:
    """Ask once and give how many such questions a second that makes."""
    return 1 / served.seconds(query, variables)


def _milliseconds(rounds: Rounds, count: int) -> tuple[float, ...]:
    """Give the median time of each ledger."""
    return tuple(1000 / rounds.speed(str(place)) for place in range(count))


def _as_json(row: Timed) -> dict[str, Any]:
    """Write a row for a program."""
    return {
        "operation": row.name,
        "milliseconds": [round(each, 2) for each in row.milliseconds],
        "ratio": row.ratio and round(row.ratio, 2),
        "at_most": row.at_most,
        "met": row.met,
        "refused": row.refused,
    }


def _show(rows: Sequence[Timed], ledgers: Sequence[Served]) -> None:
    """Write the rows for a person, the slowest first."""
    sizes = [f"{served.projects:,} projects, ms" for served in ledgers]
    print_table(
        "Median of the published operations",
        ("operation", *sizes, "ratio", "at most", "met"),
        [
            (
                row.name,
                *(f"{each:.1f}" for each in row.milliseconds or [inf] * len(ledgers)),
                "" if row.ratio is None else f"{row.ratio:.2f}",
                "" if row.ratio is None else f"{row.at_most:.0f}",
                "yes" if row.met else "NO",
            )
            for row in sorted(rows, key=lambda row: -max(row.milliseconds, default=inf))
        ],
    )
    for row in rows:
        if row.refused is not None:
            err.print(f"{row.name} was refused: {row.refused}")


def main() -> None:
    """Run it; what keeps it from asking is said in one line."""
    try:
        typer.run(run)
    except LedgerError as error:
        err.print(f"[red]error:[/red] {error} {error.cure}")
        sys.exit(REFUSED)
    except (httpx2.HTTPError, LedgerRefused) as error:
        err.print(f"[red]error:[/red] No ledger answers there: {error}. Serve it, then ask again.")
        sys.exit(REFUSED)


if __name__ == "__main__":
    main()
