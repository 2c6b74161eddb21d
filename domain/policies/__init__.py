"""The policy library: presets that a city adopts as they are or copies and changes."""

from functools import lru_cache
from importlib.resources import files

from domain.errors import NotFound
from domain.policy import Policy, parse


class NoPreset(NotFound):
    """There is no preset {value} in the policy library."""

    code = "unknown_policy"
    cure = "Name a preset as id@version, for example colour/wujin@2024.1."


@lru_cache(maxsize=1)
def presets() -> tuple[Policy, ...]:
    """Give all presets, ordered by their reference."""
    bodies = (
        file.read_text(encoding="utf-8")
        for file in files(__name__).iterdir()
        if file.name.endswith(".toml")
    )
    return tuple(sorted(map(parse, bodies), key=lambda policy: policy.ref))


def preset(reference: str) -> Policy:
    """Give the preset of that reference, such as `colour/wujin@2024.1`. Raises NoPreset."""
    for policy in presets():
        if policy.ref == reference:
            return policy
    raise NoPreset(value=reference)
