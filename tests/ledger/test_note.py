"""Signed notes and checkpoints read and write as C2SP says, and nothing else is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import LedgerError
from ledger.checkpoint import Checkpoint, MalformedCheckpoint
from ledger.note import (
    Algorithm,
    BadSignature,
    MalformedKey,
    MalformedNote,
    Note,
    Signer,
    Verifier,
    signed_note,
)

# The example of the signed-note package of the Go project, with its keys.
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngot"
    "pRZb6KE6RyyBwJnAM=\n"
)
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SIGNER = Signer("ledger.example/wujin", bytes(range(32)))
OTHER = Signer("ledger.example/wujin", bytes(32))
CHECKPOINT = Checkpoint("ledger.example/wujin", 17, bytes(range(32)))


def test_the_published_example_is_accepted() -> None:
    assert Note.parse(GO_NOTE).check([Verifier.parse(GO_KEY)]) == [Verifier.parse(GO_KEY)]
    assert Note.parse(GO_NOTE).written == GO_NOTE


def test_what_is_signed_is_read_back() -> None:
    note = CHECKPOINT.signed(SIGNER)

    read = Note.parse(note.written.encode())
    assert read == note
    assert read.check([OTHER.verifier, SIGNER.verifier]) == [SIGNER.verifier]
    assert Checkpoint.of(read) == CHECKPOINT
    assert Signer.parse(SIGNER.text) == SIGNER
    assert Verifier.parse(SIGNER.verifier.text) == SIGNER.verifier


def test_a_witness_signs_the_time_with_the_text() -> None:
    witness = Signer("witness.example", bytes(range(32)), Algorithm.COSIGNATURE)
    signature = witness.sign(CHECKPOINT.text, at_second=1_700_000_000)
    note = Note(CHECKPOINT.text, (*CHECKPOINT.signed(SIGNER).signatures, signature))

    assert note.check([witness.verifier]) == [witness.verifier]
    assert int.from_bytes(signature.data[:8], "big") == 1_700_000_000
    assert not witness.verifier.accepts(CHECKPOINT.text + "more\n", signature)


@given(st.data())
def test_no_changed_byte_passes(data: st.DataObject) -> None:
    written = bytearray(CHECKPOINT.signed(SIGNER).written.encode())
    place = data.draw(st.integers(0, len(written) - 1))
    written[place] = data.draw(st.integers(0, 255).filter(lambda byte: byte != written[place]))

    with pytest.raises((MalformedNote, BadSignature, MalformedCheckpoint)):
        Checkpoint.of(_checked(bytes(written)))


def _checked(data: bytes) -> Note:
    note = Note.parse(data)
    note.check([SIGNER.verifier])
    return note


@given(st.data())
def test_no_shortened_note_passes(data: st.DataObject) -> None:
    written = CHECKPOINT.signed(SIGNER).written.encode()

    with pytest.raises((MalformedNote, BadSignature, MalformedCheckpoint)):
        _checked(written[: data.draw(st.integers(0, len(written) - 1))])


def test_a_foreign_key_is_named() -> None:
    note = signed_note(CHECKPOINT.text, [OTHER])

    with pytest.raises(BadSignature, match=OTHER.verifier.key_id.hex()):
        note.check([SIGNER.verifier])
    with pytest.raises(BadSignature, match="any known key"):
        note.check([])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n1\n",
        "\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "origin\n01\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "origin\n-1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "origin\n1\nAAAA\n",
        "origin\n1\n!!!!\n",
        "origin\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n",
        "origin\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "origin\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(MalformedCheckpoint):
        Checkpoint.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+0a1b2c3d+",
        "name+0a1b2c3d+AA==",
        f"name+0a1b2c3d+{SIGNER.verifier.text.split('+', 2)[2]}",
        GO_KEY.replace("ARpc", "BRpc"),
        GO_KEY[:-4],
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(MalformedKey):
        Verifier.parse(text)
    with pytest.raises(LedgerError):
        Signer.parse(f"PRIVATE+KEY+{text}")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text\n",
        b"text\n\nno mark\n",
        b"text\n\n\xe2\x80\x94 n !\n",
        b"\xff\n\n",
        b"a\x01\n\n",
    ],
)
def test_what_is_no_note_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedNote):
        Note.parse(data)
