"""The mappings that come with the ledger, ready to be used or copied and changed."""

from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from domain.errors import NotFound
from intake.registers.mapping import BadMapping, Mapping, parse


class NoMapping(NotFound):
    """There is no mapping {value}; ready are {names}."""

    code = "unknown_mapping"
    field = "mapping"
    cure = "Name a ready mapping, or a TOML file of your own."


def texts() -> dict[str, str]:
    """Give the ready mappings as they are written, by name."""
    found = {
        file.name.removesuffix(".toml"): file.read_text(encoding="utf-8")
        for file in files("intake").joinpath("mappings").iterdir()
        if file.name.endswith(".toml")
    }
    return dict(sorted(found.items()))


@lru_cache(maxsize=64)
def mapping(name: str) -> Mapping:
    """Give a ready mapping. Raises NoMapping."""
    ready = texts()
    if name not in ready:
        raise NoMapping(value=name, names=", ".join(ready))
    return parse(ready[name])


def mapping_in(path: Path) -> Mapping:
    """Read the mapping in a file. Raises BadMapping."""
    try:
        return parse(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadMapping(line=1, what="the file is not text in UTF-8") from error


def mapping_or_file(name: str) -> Mapping:
    """Give a ready mapping, or the one in a file. Raises NoMapping and BadMapping."""
    path = Path(name)
    if name not in texts() and path.is_file():
        try:
            return mapping_in(path)
        except OSError as error:
            raise NoMapping(value=name, names=", ".join(texts())) from error
    return mapping(name)
