"""Say which tests run in one process, so that what they share is made once a run."""

from typing import Final

from xdist.scheduler import LoadScopeScheduling

TOGETHER: Final = "tests/demonstration/"
"""The folder whose tests read one large portfolio, which takes long to load."""


class OncePerModule(LoadScopeScheduling):
    """Give a whole module to one process, and all of that folder to one.

    The marks that pytest-xdist has for groups change what a test is called, which today's pytest
    does not let them.
    """

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER if nodeid.startswith(TOGETHER) else nodeid.partition("::")[0]
