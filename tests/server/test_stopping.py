"""A signal is never lost, wherever in the program it comes."""

import signal
import time
import weakref
from collections.abc import Callable

import pytest

from server.commands import directory
from server.stopping import Stopped, deferred, stoppable


def press() -> None:
    """Press Ctrl-C, and let Python come to it."""
    signal.raise_signal(signal.SIGINT)


class Leaving:
    """Something in whose end a signal comes."""

    def __del__(self) -> None:
        press()


class Naming:
    """Something in whose naming by a class a signal comes."""

    def __set_name__(self, owner: type, name: str) -> None:
        press()


def in_a_finalizer() -> None:
    Leaving()


def in_a_callback() -> None:
    class Referred: ...

    one = Referred()
    reference = weakref.ref(one, lambda _: press())
    del one
    assert reference() is None


def stoppably(*steps: Callable[[], object]) -> None:
    """Take steps of which a signal may be the end."""
    with stoppable():
        for step in steps:
            step()


def be_long() -> None:
    time.sleep(5)


@pytest.mark.parametrize("come", [in_a_finalizer, in_a_callback])
def test_where_nothing_gets_out_it_comes_once_more(come: Callable[[], None]) -> None:
    with pytest.raises(Stopped):
        stoppably(come, be_long)


def test_once_more_is_not_twice_and_not_afterwards() -> None:
    cleaned = []

    def clean_up() -> None:
        try:
            be_long()
        finally:
            time.sleep(0.1)
            cleaned.append("all")

    with pytest.raises(Stopped):
        stoppably(in_a_finalizer, clean_up)
    stoppably(in_a_finalizer, cleaned.clear)
    time.sleep(0.1)

    assert cleaned == []


def test_where_exceptions_get_lost_it_waits() -> None:
    reached = []

    def import_all() -> None:
        with deferred():
            # In older versions of Python the making of a class turns what comes into another error.
            type("Made", (), {"named": Naming()})
            in_a_callback()
            reached.append("end of importing")

    with pytest.raises(Stopped):
        stoppably(import_all, lambda: reached.append("what is imported"))

    assert reached == ["end of importing"]


def test_where_nothing_came_nothing_is_raised() -> None:
    with stoppable(), deferred():
        pass


def test_a_command_is_imported_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    imported = []
    import_module = directory.import_module

    def interrupted(name: str) -> object:
        press()
        imported.append(name)
        return import_module(name)

    monkeypatch.setattr(directory, "import_module", interrupted)
    with pytest.raises(Stopped):
        stoppably(lambda: directory.load("status"))

    assert imported == ["server.commands.state"]
