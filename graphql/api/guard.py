"""Refuse requests that a page of another site makes its visitor's browser send.

Answers are open to everybody on this machine, and a browser on it runs the scripts of any page. It
says where a request comes from, and such a page cannot keep it from saying so.
"""

from collections.abc import Mapping
from http import HTTPStatus

from api.message import Unreadable

_ELSEWHERE = frozenset({b"cross-site", b"same-site"})


def refuse_other_sites(headers: Mapping[bytes, bytes]) -> None:
    """Refuse what a script, form or picture of another site asks. Raises Unreadable.

    Following a link is something else: it shows a page and gives the other site nothing to read.
    """
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        is_foreign = site in _ELSEWHERE and headers.get(b"sec-fetch-mode") != b"navigate"
    else:
        # Older browsers say no more than this, and only with scripts and forms.
        origin, host = headers.get(b"origin"), headers.get(b"host")
        is_foreign = origin is not None and host is not None and not _is_same(origin, host)
    if is_foreign:
        message = "Pages of other sites may not ask here."
        raise Unreadable(HTTPStatus.FORBIDDEN, message)


def _is_same(origin: bytes, host: bytes) -> bool:
    """Tell whether an origin is the host that was asked; the scheme may differ behind a proxy."""
    return origin.partition(b"://")[2].lower() == host.lower()
