"""Answer `/`: what this is, what to try, where things are and how the ledger is, for people."""

from collections.abc import Iterable
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import Any
from urllib.parse import urlencode

from api.negotiation import spoken
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from server.condition import REPLAYED
from server.health import HEALTHY, described_condition
from server.phrases import PHRASES, STATUS
from server.questions import FIRST, MORE, Question

_HEADERS = {
    "Vary": "Accept-Language",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    # The page has no scripts and needs nothing from anywhere.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
    ),
}


async def home(request: Request) -> Response:
    """Show the first page in the language of the parameter `lang`, or else of the reader."""
    wish = request.query_params.get("lang") or request.headers.get("accept-language")
    language = spoken(wish)
    address = str(request.base_url).rstrip("/")
    described = await described_condition(request)
    return HTMLResponse(_page(language, address, described), headers=_HEADERS)


def _page(language: str, address: str, described: dict[str, Any]) -> str:
    """Fill the page in."""
    status = described["status"]
    return _template().substitute(
        {name: escape(text) for name, text in PHRASES[language].items()},
        address=escape(address),
        questions=_links(FIRST + MORE, language),
        state="good" if status in HEALTHY else "bad",
        status=escape(STATUS[language].get(status, status)),
        facts=escape(_facts(language, described)),
    )


def _links(questions: Iterable[Question], language: str) -> str:
    """Give list items that open questions in GraphiQL."""
    return "\n".join(
        f'<li><a href="{escape(_link(question, language))}">{escape(_words(question, language))}'
        "</a></li>"
        for question in questions
    )


def _link(question: Question, language: str) -> str:
    return "/graphql?" + urlencode({"lang": language, "query": question.query})


def _words(question: Question, language: str) -> str:
    return question.chinese if language == "zh" else question.english


def _facts(language: str, described: dict[str, Any]) -> str:
    """Say in numbers how the ledger is; nothing while the database is away."""
    if "position" not in described:
        return ""
    phrases = PHRASES[language]
    parts = [
        phrases["recorded"].format(described["position"]),
        phrases["waiting"].format(described["quarantined"]),
    ]
    if described["clock"] == REPLAYED:
        parts.append(phrases["replayed"])
    return " · ".join(parts)


@cache
def _template() -> Template:
    return Template(files("server").joinpath("home.html").read_text("utf-8"))
