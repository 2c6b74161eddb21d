"""Give the engine and the rates of callers what the settings of GraphQL say."""

from api.engine import Settings
from api.rates import Rate

from server.asking import Asking

_MEGABYTE = 2**20
_BURST_SECONDS = 120


def engine_settings(asking: Asking) -> Settings:
    """Give the settings of the engine."""
    return Settings(
        cache_bytes=asking.cache_mb * _MEGABYTE,
        introspects=asking.introspection,
        only_trusted=asking.only_trusted,
    )


def rate_of(asking: Asking) -> Rate:
    """Give the rate of each token; one question of the highest cost always fits in."""
    most = engine_settings(asking).limits.cost
    return Rate(asking.points, max(asking.points * _BURST_SECONDS, most))
