"""Look at a file before anything reads it: what is built to overwhelm the reader is refused."""

import struct
import zipfile
import zlib
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Final

from domain.errors import Refused

LARGEST_FILE: Final = 128 * 2**20
LARGEST_UNPACKED: Final = 1024 * 2**20
LARGEST_RATIO: Final = 250
"""How many times larger a part may be than its packed form, once it is large at all."""
LARGE: Final = 16 * 2**20
MOST_PARTS: Final = 10_000
ZIP: Final = b"PK"
OLD_OFFICE: Final = bytes.fromhex("d0cf11e0a1b11ae1")

_BEGINNING = 65_536
_DAMAGES = (
    *(zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError),
    *(ValueError, KeyError, RuntimeError, NotImplementedError),
)
"""What reading a damaged archive may raise."""
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")
_ENCRYPTED = 0x1
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
"""Names the part of an old workbook in which a new one is locked. Source: [MS-OFFCRYPTO] 1.3."""
_PACKED_AS_USUAL = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


class UnsafeFile(Refused):
    """The file is refused: {what}."""

    code = "unsafe_file"
    field = "file"
    cure = "Open it in the office program, save it anew, and send that; split what is very large."


class UnreadableFile(Refused):
    """The file cannot be read: {what}."""

    code = "unreadable_file"
    field = "file"
    cure = "Send a workbook (xlsx, xls, ods) or a CSV file, without a password."


def is_workbook(path: Path) -> bool:
    """Tell a workbook from a text file by its first bytes, whatever its name says."""
    with path.open("rb") as file:
        start = file.read(len(OLD_OFFICE))
    return start.startswith(ZIP) or start == OLD_OFFICE


def is_old_workbook(path: Path) -> bool:
    """Tell a workbook of the old format (xls) by its first bytes."""
    with path.open("rb") as file:
        return file.read(len(OLD_OFFICE)) == OLD_OFFICE


def check(path: Path) -> None:
    """Refuse a file that no office program would have written, or that needs a password.

    Raises UnsafeFile and UnreadableFile.
    """
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise UnsafeFile(what=f"it has {size} bytes, more than {LARGEST_FILE}")
    with path.open("rb") as file:
        start = file.read(len(OLD_OFFICE))
        if start == OLD_OFFICE:
            with mmap(file.fileno(), 0, access=ACCESS_READ) as whole:
                if whole.find(_ENCRYPTED_PACKAGE) >= 0:
                    raise UnreadableFile(what="it is protected by a password")
    if start.startswith(ZIP):
        _check_parts(path)


def _check_parts(path: Path) -> None:
    """Look at the parts of a packed workbook without unpacking more than their beginnings."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS:
                raise UnsafeFile(what=f"it has {len(parts)} parts")
            unpacked = sum(part.file_size for part in parts)
            if unpacked > LARGEST_UNPACKED:
                raise UnsafeFile(what=f"it would unpack to {unpacked} bytes")
            for part in parts:
                _check_part(archive, part)
    except _DAMAGES as error:
        raise UnreadableFile(what="its parts are damaged") from error


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Look at one part."""
    if part.flag_bits & _ENCRYPTED:
        raise UnreadableFile(what="it is protected by a password")
    if part.compress_type not in _PACKED_AS_USUAL:
        raise UnsafeFile(what=f"its part {part.filename} is packed in an unusual way")
    if part.file_size > LARGE and part.file_size > LARGEST_RATIO * max(part.compress_size, 1):
        raise UnsafeFile(what=f"its part {part.filename} unpacks to {part.file_size} bytes")
    if part.filename.lower().endswith((".xml", ".rels")):
        with archive.open(part) as file:
            beginning = file.read(_BEGINNING)
        if any(mark in beginning for mark in _DECLARATIONS):
            raise UnsafeFile(what=f"its part {part.filename} declares entities")
