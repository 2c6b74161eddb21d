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
    for answer in (preflight, response):
        assert not any(name.startswith("access-control") for name in answer.headers)
