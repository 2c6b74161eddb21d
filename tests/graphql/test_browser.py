"""What a browser sees: GraphiQL from here alone, and nothing for the pages of others."""

from typing import Any

import pytest
from starlette.testclient import TestClient

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def get(client: TestClient, **parameters: str) -> Any:
    return client.get("/graphql", params=parameters, headers={"accept": BROWSER})


def test_a_reader_with_a_browser_sees_graphiql(client: TestClient) -> None:
    response = get(client)

    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    for path in ("graphiql.min.js", "graphiql.min.css", "react.production.min.js", "start.js"):
        assert f"/graphql/assets/{path}" in response.text
        assert client.get(f"/graphql/assets/{path}").status_code == 200
    assert client.get("/graphql/assets/secret").status_code == 404
    assert "http" not in response.text.replace("http-equiv", "")


def test_a_link_with_a_question_opens_it_in_graphiql(client: TestClient) -> None:
    response = get(client, query="{ __typename }")

    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "__typename" not in response.text
    assert 'link.get("query")' in client.get("/graphql/assets/start.js").text


def test_graphiql_may_load_nothing_from_elsewhere(client: TestClient) -> None:
    policy = get(client).headers["content-security-policy"]

    assert policy.startswith("default-src 'self';")
    assert "http" not in policy


@pytest.mark.parametrize("query", ["{ __typename }", "{"])
def test_head_is_answered_like_get(client: TestClient, query: str) -> None:
    head, whole = (
        client.request(method, "/graphql", params={"query": query}) for method in ("HEAD", "GET")
    )

    assert head.status_code == whole.status_code
    for name in ("content-type", "content-length"):
        assert head.headers[name] == whole.headers[name]


def test_nothing_is_shared_with_other_origins(client: TestClient) -> None:
    asked = {"origin": "http://elsewhere.example", "access-control-request-method": "POST"}
    preflight = client.request("OPTIONS", "/graphql", headers=asked)
    response = client.post("/graphql", json={"query": "{ __typename }"}, headers=asked)

    assert preflight.status_code == 405
    assert response.status_code == 403
    for answer in (preflight, response):
        assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, 403),
        ({"sec-fetch-site": "same-site", "sec-fetch-mode": "cors"}, 403),
        ({"sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"}, 200),
        ({"sec-fetch-site": "none", "sec-fetch-mode": "navigate"}, 200),
        ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, 200),
        ({"origin": "null"}, 403),
        ({"origin": "http://testserver"}, 200),
        ({}, 200),
    ],
)
def test_scripts_and_pictures_of_other_sites_are_refused(
    client: TestClient, headers: dict[str, str], status: int
) -> None:
    given = {"accept": "application/json", **headers}
    response = client.get("/graphql", params={"query": "{ __typename }"}, headers=given)

    assert response.status_code == status
    assert ("data" in response.json()) == (status == 200)
