"""Read how senders name a subject: a stream, an alias, or a bare id."""

import re
from functools import lru_cache

from domain.errors import Malformed
from domain.kinds import KINDS
from domain.project_code import is_project_code, project_code

STREAM_TYPES = frozenset(
    {"project", "list", "policy", "pool", "round", "target", "enterprise", "meeting", "ledger"}
)
_ID = re.compile(r"\w[\w./~@+-]{0,199}")
_OWN_ID = {
    "list": "list_id",
    "policy": "policy_id",
    "target": "target_id",
    "pool": "pool_id",
    "round": "round_id",
    "meeting": "meeting_id",
}
"""The payload field that names the stream of facts that are not about a project."""
OF_OWN_STREAMS = frozenset(
    kind for kind, known in KINDS.items() if known.stream_type in {*_OWN_ID, "ledger"}
)
"""The kinds of which no fact is about a project."""


@lru_cache(maxsize=65_536)
def reference(text: str) -> str:
    """Give a subject in its one form: "<type>/<id>", "code:<code>", "source:<system>/<id>".

    A bare id means a project. Raises Malformed.
    """
    if text.startswith("code:"):
        return f"code:{_code(text[5:])}"
    if text.startswith("source:"):
        if "/" not in text or not text.isprintable():
            raise _wrong(text, "Write source:<system>/<record id>.")
        return text
    stream_type, _, bare = text.rpartition("/") if "/" not in text else text.partition("/")
    if not stream_type:
        return f"code:{bare}" if is_project_code(bare) else f"project/{_checked(bare, text)}"
    if stream_type not in STREAM_TYPES:
        raise _wrong(text, f"A subject is {', '.join(sorted(STREAM_TYPES))} and an id.")
    return f"{stream_type}/{_checked(bare, text)}"


def own_stream(kind: str, subject: str | None, payload: dict[str, object]) -> str | None:
    """Give the stream of a fact that is not about a project; None if it is about one.

    Without a subject the payload's own id names the stream. Raises Malformed.
    """
    if kind not in OF_OWN_STREAMS:
        return _other_stream(kind, subject)
    stream_type = KINDS[kind].stream_type
    if subject is not None:
        bare = subject.removeprefix(f"{stream_type}/")
        if bare == subject and bare.partition("/")[0] in STREAM_TYPES:
            raise _wrong(subject, f'The subject of a {kind} is "{stream_type}/<id>".')
        return f"{stream_type}/{_checked(bare, subject)}"
    if stream_type == "ledger":
        return "ledger/main"
    own = payload.get(_OWN_ID[stream_type])
    # A payload without its id is refused when it is checked, with the field named.
    return f"{stream_type}/{_checked(own, own)}" if isinstance(own, str) else f"{stream_type}/?"


def _other_stream(kind: str, subject: str | None) -> str | None:
    """Give the stream of a fact that may be about something else than a project, and is."""
    stream_type, _, bare = (subject or "").partition("/")
    if kind in KINDS and stream_type in KINDS[kind].other_streams:
        return f"{stream_type}/{_checked(bare, f'{subject}')}"
    return None


def _code(text: str) -> str:
    """Give a national project code if it is well formed."""
    field = "subject"
    try:
        return project_code(text)
    except Malformed as error:
        raise error.within(field) from error


def _checked(bare: str, text: str) -> str:
    """Give an id if it is well formed."""
    if not _ID.fullmatch(bare):
        raise _wrong(text, "An id has 1 to 200 letters, digits and the signs . / ~ @ + - _.")
    return bare


def _wrong(text: str, cure: str) -> Malformed:
    """Say that a subject cannot be read."""
    return Malformed(code="invalid_subject", field="subject", value=text, cure=cure)
