"""A bundle as a folder or as a zip file: written once, read as names with their bytes."""

import shutil
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import mkdtemp
from typing import Protocol

from domain.errors import Conflict
from ledger.usable_target import usable

_SUFFIX = ".zip"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


class TargetTaken(Conflict):
    """There is something at {value} already."""

    code = "target_taken"
    cure = "Name a folder or a .zip file that does not exist yet."


class Sink(Protocol):
    """What takes the files of a bundle."""

    def put(self, name: str, data: bytes) -> None:
        """Take a file."""


class _Folder:
    def __init__(self, path: Path) -> None:
        self._path = path

    def put(self, name: str, data: bytes) -> None:
        file = self._path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


class _Archive:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def put(self, name: str, data: bytes) -> None:
        # The same bundle is the same bytes: no time of day goes in, and nothing is compressed.
        self._archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), data, zipfile.ZIP_STORED)


@contextmanager
def writing(target: Path) -> Iterator[Sink]:
    """Write into a folder, or a zip file if the name says so; whole or not at all.

    Raises TargetTaken and UnusableTarget.
    """
    if target.exists():
        raise TargetTaken(value=target)
    beside = _beside(target)
    part = beside / target.name
    try:
        if target.suffix == _SUFFIX:
            with zipfile.ZipFile(part, "w") as archive:
                yield _Archive(archive)
        else:
            yield _Folder(part)
        part.rename(target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _beside(target: Path) -> Path:
    """Make a folder to write in until all is written. Raises UnusableTarget."""
    with usable(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        return Path(mkdtemp(prefix=f".{target.name}.", dir=target.parent))


def read_bundle(source: Path) -> dict[str, bytes]:
    """Read all files of a bundle. Raises OSError and ValueError for what cannot be read whole."""
    if source.is_dir():
        return dict(_files_in(source))
    try:
        with zipfile.ZipFile(source) as archive:
            names = [told.filename for told in archive.infolist()]
            if len(names) != len(set(names)):
                message = "the archive holds a name twice"
                raise ValueError(message)
            # Nothing in it is compressed, so it holds no more than it is long; a small one that
            # would fill the memory is refused before it is read.
            if sum(told.file_size for told in archive.infolist()) > source.stat().st_size:
                message = "the archive is not as it was written"
                raise ValueError(message)
            files = {name: archive.read(name) for name in names}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        message = f"the archive is damaged: {error}"
        raise ValueError(message) from error
    if _archived(files) != source.read_bytes():
        message = "the archive is not as it was written"
        raise ValueError(message)
    return files


def _archived(files: dict[str, bytes]) -> bytes:
    """Write an archive anew, to compare it byte by byte."""
    written = BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        sink = _Archive(archive)
        for name, data in files.items():
            sink.put(name, data)
    return written.getvalue()


def _files_in(folder: Path) -> Iterable[tuple[str, bytes]]:
    """Read the files of a folder; a link leads out of the bundle and is none."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            message = f"{name} is a link"
            raise ValueError(message)
        if path.is_file():
            yield name, path.read_bytes()
        elif not path.is_dir():
            message = f"{name} is no file"
            raise ValueError(message)
