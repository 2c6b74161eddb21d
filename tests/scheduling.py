"""Say which tests run in one process and which begin first, so that all processes end together."""

from typing import TYPE_CHECKING, Final

from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

TOGETHER: Final = "tests/demonstration/"
"""The folder whose tests read one large portfolio, which takes long to load."""

LONGEST: Final = (
    TOGETHER,
    "tests/faults/",
    "tests/server/test_bench.py",
    "tests/server/test_demo.py",
    "tests/laws/",
)
"""What takes long although it is few tests; one that began last would be waited for."""


class OncePerModule(LoadScopeScheduling):
    """Give a whole module to one process, and all of that one folder.

    A process goes on with the folder it is in, whose tests share what they prepare. The marks that
    pytest-xdist has for groups change what a test is called, which today's pytest does not let
    them.
    """

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER if nodeid.startswith(TOGETHER) else nodeid.partition("::")[0]

    def _assign_work_unit(self, node: "WorkerController") -> None:
        begun = {_folder(scope) for scope in self.assigned_work[node]}

        def urgency(scope: str) -> tuple[int, bool]:
            return _rank(scope), _folder(scope) not in begun

        self.workqueue.move_to_end(min(self.workqueue, key=urgency), last=False)
        super()._assign_work_unit(node)


def _folder(scope: str) -> str:
    return scope.rpartition("/")[0]


def _rank(scope: str) -> int:
    """Give the place of a scope among the longest, one behind them for all others."""
    return next((at for at, start in enumerate(LONGEST) if scope.startswith(start)), len(LONGEST))
