"""Choose the media type of an answer from an Accept header, quality values included."""

from functools import lru_cache

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
HTML = "text/html"
EVENT_STREAM = "text/event-stream"

# Without a wish, JSON: clients that know the newer media type ask for it.
_OFFERED = (JSON, GRAPHQL_RESPONSE)


@lru_cache(maxsize=256)
def negotiated(accept: str | None) -> str | None:
    """Give the media type to answer with, or None if none is acceptable."""
    return _best(accept, _OFFERED)


@lru_cache(maxsize=256)
def takes_stream(accept: str | None) -> bool:
    """Tell whether answers may come as server-sent events."""
    return accept is not None and EVENT_STREAM in {
        name for name, quality, _ in map(_range, accept.split(",")) if quality > 0
    }


@lru_cache(maxsize=256)
def wants_page(accept: str | None) -> bool:
    """Tell whether a reader with a browser asks, who would rather see a page than JSON."""
    return accept is not None and _best(accept, (JSON, GRAPHQL_RESPONSE, HTML)) == HTML


def _best(accept: str | None, offered: tuple[str, ...]) -> str | None:
    if accept is None or not accept.strip():
        return offered[0]
    ranges = [_range(part) for part in accept.split(",") if part.strip()]
    best, best_rank = None, (0.0, 0, 0)
    for media_type in offered:
        matching = [
            (specificity, quality, -place)
            for place, (name, quality, specificity) in enumerate(ranges)
            if _matches(name, media_type)
        ]
        if not matching:
            continue
        # Of several ranges that match a type, the most specific one says how much it is wanted.
        specificity, quality, place = max(matching)
        rank = (quality, specificity, place)
        if quality > 0 and (best is None or rank > best_rank):
            best, best_rank = media_type, rank
    return best


def _range(part: str) -> tuple[str, float, int]:
    """Read one media range: its name, its quality and how specific it is."""
    name, *parameters = (piece.strip().lower() for piece in part.split(";"))
    quality = 1.0
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                quality = min(max(float(value), 0.0), 1.0)
            except ValueError:
                quality = 0.0
        elif key.strip() == "charset" and value.strip('" ') not in {"utf-8", "utf8"}:
            quality = 0.0
    return name, quality, 0 if name == "*/*" else 1 if name.endswith("/*") else 2


def _matches(name: str, media_type: str) -> bool:
    return name in {media_type, "*/*", media_type.partition("/")[0] + "/*"}


@lru_cache(maxsize=256)
def spoken(accept_language: str | None) -> str:
    """Choose Chinese or English from an Accept-Language header; English without a wish."""
    best, best_quality = "en", 0.0
    for part in (accept_language or "").split(","):
        name, quality, _ = _range(part)
        language = name.partition("-")[0]
        if language in {"zh", "en"} and quality > best_quality:
            best, best_quality = language, quality
    return best
