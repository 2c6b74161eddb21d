"""Show GraphiQL to readers with a browser, with all its files served from here.

The files come with a package that is made for Django but needs none of it; nothing is fetched from
anywhere else, so the page works on a machine without a network.
"""

from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_PACKAGE = "graphene_django_graphiql_static"
_ASSETS = {
    "graphiql.min.css": "text/css; charset=utf-8",
    "graphiql.min.js": "text/javascript; charset=utf-8",
    "react.production.min.js": "text/javascript; charset=utf-8",
    "react-dom.production.min.js": "text/javascript; charset=utf-8",
}
_DAY = 86_400

# GraphiQL brings its fonts and pictures along as data and sets styles while it runs.
_ALLOWED = (
    b"default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    b" font-src 'self' data:; frame-ancestors 'none'"
)
ONLY_FROM_HERE = (b"content-security-policy", _ALLOWED)
"""A header that keeps the browser from fetching anything from elsewhere, whatever the page asks."""

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Lifecycle Ledger · GraphiQL</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/graphql/assets/graphiql.min.css">
<style>html, body, #editor { height: 100%; margin: 0; overflow: hidden; }</style>
<div id="editor">Loading…</div>
<script src="/graphql/assets/react.production.min.js"></script>
<script src="/graphql/assets/react-dom.production.min.js"></script>
<script src="/graphql/assets/graphiql.min.js"></script>
<script src="/graphql/assets/start.js"></script>
</html>
"""

_START = """
const question = `# Who promised what, who delivered it, and who said so?
# Press Ctrl-Enter. Documentation is behind the book on the left.
query Board {
  board(asOf: { on: "2024-12-31" }) {
    region
    red
    yellow
    green
    grey
    total
  }
}
`;
// A link may bring a question along: ?query=...&variables=...&operationName=...&lang=zh
const link = new URLSearchParams(location.search);
const language = link.get("lang");
ReactDOM.render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({
      url: language ? `/graphql?lang=${encodeURIComponent(language)}` : "/graphql",
    }),
    defaultQuery: question,
    query: link.get("query") ?? undefined,
    variables: link.get("variables") ?? undefined,
    operationName: link.get("operationName") ?? undefined,
    headerEditorEnabled: true,
  }),
  document.getElementById("editor"),
);
"""


def page() -> bytes:
    """Give the page."""
    return _PAGE.encode()


@cache
def _asset(name: str) -> bytes:
    return (files(_PACKAGE) / "static" / _PACKAGE / name).read_bytes()


def asset_routes(prefix: str) -> list[Route]:
    """Give the routes of the files that the page loads."""

    async def asset(request: Request) -> Response:
        name = request.path_params["name"]
        if name == "start.js":
            return Response(_START, media_type="text/javascript; charset=utf-8")
        if name not in _ASSETS:
            return Response(status_code=404)
        return Response(
            _asset(name),
            media_type=_ASSETS[name],
            headers={"Cache-Control": f"public, max-age={_DAY}"},
        )

    return [Route(f"{prefix}/assets/{{name}}", asset, methods=["GET"])]
