"""Open the door to those who come again: answer known requests before the application is entered.

A connection hands requests to the application as uvicorn does, except when a whole request comes in
one piece, its head is byte for byte one that the application has dealt with, and its body asks
what the read models tell. Equal heads mean equal things, so that neither the head needs to be read
again nor whether its sender may come in. Everything unusual goes the usual way.
"""

from functools import partial
from typing import Any

from api.regulars import REGULARS, Ready, Regulars, Turn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from server.joining import JoinedHttp

_END_OF_HEAD = b"\r\n\r\n"
_UNUSUAL = frozenset({b"expect", b"transfer-encoding", b"upgrade"})
"""Headers that decide how the body comes, or what becomes of the connection."""


class FrontDoor(JoinedHttp):
    """One connection."""

    def __init__(self, *given: Any, **further: Any) -> None:
        """Take what uvicorn gives to each connection."""
        super().__init__(*given, **further)
        self._regulars: Regulars = self.config.app.state.regulars  # type: ignore[union-attr]
        self._turn: Turn | None = None
        self._is_between_requests = True
        self._came = b""
        self._held = bytearray()
        self._is_last = False

    def data_received(self, data: bytes) -> None:
        """Answer a known request; give everything else to the parser."""
        if self._turn is not None:
            # What is sent before the answer has come has to wait, and its sender too.
            self._held += data
            self.flow.pause_reading()
            return
        if not (self._is_idle() and self._answers(data)):
            self._parse(data)

    def on_message_begin(self) -> None:
        """Note that a request has begun."""
        self._is_between_requests = False
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """Note that a request is complete."""
        self._is_between_requests = True
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop answering who has gone."""
        if self._turn is not None:
            self._turn.leave()
            self._turn = None
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Close the connection, but not before the answer that is under way."""
        if self._turn is None:
            super().shutdown()
        else:
            self._is_last = True

    def _is_idle(self) -> bool:
        """Tell whether nothing is under way, and whoever is there takes what he is sent."""
        is_answered = self.cycle is None or self.cycle.response_complete
        return (
            self._is_between_requests
            and is_answered
            and not self.flow.write_paused
            and not self.transport.is_closing()
        )

    def _answers(self, data: bytes) -> bool:
        """Begin to answer a request if it is a known one, and whole."""
        end = data.find(_END_OF_HEAD) + len(_END_OF_HEAD)
        known = self._regulars.known(data[:end])
        if known is None or len(data) != end + known.length:
            return False
        question = self._regulars.question(data[end:], known.manner)
        if question is None:
            return False
        self._unset_keepalive_if_required()
        self._came = data
        self._turn = self._regulars.begin(question, known.manner, self._answered)
        return True

    def _answered(self, answer: Ready | None) -> None:
        """Send an answer; have the application answer where there is none."""
        self._turn = None
        if answer is None:
            self._parse(self._came)
        else:
            self._send(answer)
        if self._is_last:
            super().shutdown()
        elif self._held:
            held = bytes(self._held)
            self._held.clear()
            self.flow.resume_reading()
            self.data_received(held)

    def _send(self, answer: Ready) -> None:
        """Send an answer as it is sent for the application."""
        self.server_state.total_requests += 1
        pieces = [STATUS_LINE[answer.status]]
        for name, value in self.server_state.default_headers:
            pieces += (name, b": ", value, b"\r\n")
        pieces.append(answer.lines)
        pieces.append(b"connection: close\r\n\r\n" if self._is_last else b"\r\n")
        self.transport.write(b"".join(pieces))
        self.transport.write(answer.body)
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def _parse(self, data: bytes) -> None:
        """Have the application answer; it may say what the head of a whole request means."""
        is_new, before = self._is_between_requests, self.cycle
        super().data_received(data)
        cycle = self.cycle
        if not (is_new and self._is_between_requests) or cycle is before:
            return
        end = data.find(_END_OF_HEAD) + len(_END_OF_HEAD)
        headers = dict(cycle.scope["headers"])
        is_plain = cycle.scope["http_version"] == "1.1" and cycle.keep_alive
        # Only one whole request has as many bytes after its head as it says.
        is_whole = headers.get(b"content-length") == b"%d" % (len(data) - end)
        if is_plain and is_whole and not headers.keys() & _UNUSUAL:
            learn = partial(self._regulars.learn, data[:end], len(data) - end)
            # The types say that extensions hold dictionaries, the specification leaves it open.
            cycle.scope["extensions"] = {REGULARS: learn}  # type: ignore[dict-item]
