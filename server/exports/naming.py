"""Name the file of an export for people who keep it, in the language they asked in."""

import re
from urllib.parse import quote

from server.exports.about import About

_UNSAFE = re.compile(r'[\x00-\x1f\x7f"*/:<>?\\|\s]+')
_LONGEST = 80


def file_name(title: str, about: About | None, ending: str) -> str:
    """Give a name without anything that a file system dislikes, with the judged day in it."""
    plain = _UNSAFE.sub("-", title).strip("-.")[:_LONGEST] or "export"
    if about is not None and about.on is not None:
        plain = f"{plain}_{about.on.isoformat()}"
    return f"{plain}.{ending}"


def disposition(name: str, plain: str) -> str:
    """Give the header that names an attachment. Source: RFC 6266, with a name in ASCII beside."""
    ascii_name = _UNSAFE.sub("-", plain).encode("ascii", "ignore").decode() or "export"
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"
