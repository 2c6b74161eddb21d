"""Trusted documents are asked for by name or digest, and may be all that is answered."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from api.contract import Contract
from api.database import Readers
from api.engine import Engine, Settings
from api.http import graphql_routes
from api.rates import Rate, Rates
from api.request import Caller
from api.served import Served
from api.trusted import Trusted, trusted_in
from starlette.applications import Starlette
from starlette.testclient import TestClient

SHELF = "query Shelf($id: ID!) { shelf(id: $id) { id } }"
DIGEST = f"sha256:{sha256(SHELF.encode()).hexdigest()}"
NEW = {"accept": "application/graphql-response+json"}


@contextmanager
def opened(
    library: str, contract: Contract, caller: Caller | None = None, **given: Any
) -> Iterator[TestClient]:
    engine = Engine(
        contract,
        Readers(library, size=1),
        settings=Settings(**given),
        trusted=Trusted({"shelf": SHELF}),
    )

    async def recognise(_: Any) -> Caller:
        return caller or Caller()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await engine.close()

    served = Served(engine, recognise=recognise, rates=Rates(Rate(points=1, burst=3)))
    app = Starlette(routes=graphql_routes(lambda _: served), lifespan=lifespan)
    with TestClient(app) as client:
        yield client


@pytest.fixture(scope="module")
def strict(library: str, library_contract: Contract) -> Iterator[TestClient]:
    with opened(library, library_contract, only_trusted=True, introspects=False) as client:
        yield client


@pytest.mark.parametrize("name", ["shelf", DIGEST])
def test_a_trusted_document_is_asked_for_with_get(strict: TestClient, name: str) -> None:
    asked = {"documentId": name, "variables": '{"id":"a"}'}
    response = strict.get("/graphql", params=asked, headers=NEW)

    assert response.json()["data"] == {"shelf": {"id": "a"}}
    assert response.headers["etag"]


def test_a_trusted_document_is_asked_for_with_post(strict: TestClient) -> None:
    for body in ({"documentId": "shelf"}, {"query": SHELF}, {"query": SHELF, "documentId": DIGEST}):
        response = strict.post("/graphql", json={**body, "variables": {"id": "b"}}, headers=NEW)

        assert response.json()["data"] == {"shelf": {"id": "b"}}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"query": "{ shelves { id } }"}, "UNTRUSTED_DOCUMENT"),
        ({"query": SHELF + " "}, "UNTRUSTED_DOCUMENT"),
        ({"documentId": "nothing"}, "UNKNOWN_DOCUMENT"),
        ({"documentId": "../schema"}, "UNKNOWN_DOCUMENT"),
        ({"documentId": "sha256:00"}, "UNKNOWN_DOCUMENT"),
        ({"documentId": "shelf", "query": "{ shelves { id } }"}, "BAD_REQUEST"),
        ({"documentId": ""}, "BAD_REQUEST"),
        ({"documentId": 7}, "BAD_REQUEST"),
    ],
)
def test_nothing_else_is_answered(strict: TestClient, body: dict[str, Any], code: str) -> None:
    response = strict.post("/graphql", json=body, headers=NEW)

    assert response.status_code == 400
    assert "data" not in response.json()
    assert response.json()["errors"][0]["extensions"]["code"] == code


def test_the_schema_may_be_closed(library: str, library_contract: Contract) -> None:
    with opened(library, library_contract, introspects=False) as client:
        answers = [
            client.post("/graphql", json={"query": query}, headers=NEW).json()
            for query in ("{ __schema { types { name } } }", "{ __typename }")
        ]

    assert answers[0]["errors"][0]["extensions"]["code"] == "INTROSPECTION_DISABLED"
    assert answers[1]["data"] == {"__typename": "Query"}


def test_who_has_spent_all_points_is_told_when_to_come_back(
    library: str, library_contract: Contract
) -> None:
    with opened(library, library_contract, Caller("dashboard", is_limited=True)) as client:
        asked = {"query": "query ($id: ID!) { shelf(id: $id) { id } }", "variables": {"id": "a"}}
        responses = [client.post("/graphql", json=asked, headers=NEW) for _ in range(4)]

    assert [response.status_code for response in responses] == [200, 200, 200, 429]
    assert responses[0].headers["ratelimit-remaining"] == "2"
    last = responses[-1]
    assert last.headers["retry-after"] == "1"
    assert last.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert "data" not in last.json()


def test_every_published_operation_is_trusted() -> None:
    trusted = trusted_in()
    folder = Path(__file__).parents[2] / "graphql" / "operations"

    for path in folder.glob("*.graphql"):
        text = path.read_text("utf-8")
        assert trusted.documents[path.stem] == text
        assert trusted.documents[f"sha256:{sha256(text.encode()).hexdigest()}"] == text
