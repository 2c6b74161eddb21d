"""GraphQL travels over HTTP as its specification says."""

import gzip
from typing import Any

import orjson
import pytest
from api.http import LARGEST_BODY
from starlette.testclient import TestClient

NEW = "application/graphql-response+json"
OLD = "application/json"


def post(client: TestClient, body: Any, accept: str | None = NEW, **headers: str) -> Any:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    given = {"content-type": OLD, **headers}
    client.headers.pop("accept", None)
    if accept is not None:
        given["accept"] = accept
    return client.post("/graphql", content=content, headers=given)


def get(client: TestClient, accept: str = NEW, **parameters: str) -> Any:
    return client.get("/graphql", params=parameters, headers={"accept": accept})


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        (NEW, NEW),
        (OLD, OLD),
        ("*/*", OLD),
        ("application/*", OLD),
        (None, OLD),
        (f"{OLD};q=0.5, {NEW}", NEW),
        (f"{NEW};q=0.1, {OLD}", OLD),
        (f"{OLD}; charset=utf-8, {NEW}; charset=utf-8", OLD),
        (f"{NEW}, {OLD}", NEW),
        (f"{NEW};q=0, */*", OLD),
        (f"text/html, {NEW};q=0.9", NEW),
        ("multipart/mixed;deferSpec=20220824, " + NEW, NEW),
    ],
)
def test_the_answer_has_the_media_type_asked_for(
    client: TestClient, accept: str | None, answered: str
) -> None:
    response = post(client, {"query": "{ __typename }"}, accept)

    assert response.status_code == 200
    assert response.headers["content-type"] == f"{answered}; charset=utf-8"
    assert "Accept" in response.headers["vary"]
    assert response.json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize("accept", ["image/png", "text/plain", f"{OLD};q=0"])
def test_what_cannot_be_answered_is_not_acceptable(client: TestClient, accept: str) -> None:
    response = post(client, {"query": "{ __typename }"}, accept)

    assert response.status_code == 406
    assert response.json()["errors"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b"",
        b"\xff\xfe",
        {},
        {"query": None},
        {"query": ""},
        {"query": 1},
        {"query": {"a": 1}},
        {"query": ["{ __typename }"]},
        {"query": "{ __typename }", "operationName": 1},
        {"query": "{ __typename }", "operationName": {}},
        {"query": "{ __typename }", "variables": "a"},
        {"query": "{ __typename }", "variables": [1]},
        {"query": "{ __typename }", "extensions": 7},
    ],
)
@pytest.mark.parametrize("accept", [NEW, OLD])
def test_what_is_no_request_is_a_bad_request(client: TestClient, body: Any, accept: str) -> None:
    response = post(client, body, accept)

    assert response.status_code == 400
    assert response.headers["content-type"].startswith(accept)
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert "data" not in response.json()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ }"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query ($id: ID!) { shelf(id: $id) { id } }"}, "BAD_USER_INPUT"),
        (
            {
                "query": "query ($n: Int!) { books(first: $n) { totalCount } }",
                "variables": {"n": "x"},
            },
            "BAD_USER_INPUT",
        ),
        ({"query": "query A { __typename } query B { __typename }"}, "BAD_REQUEST"),
        ({"query": "query A { __typename }", "operationName": "B"}, "BAD_REQUEST"),
        ({"query": "{ books(first: 0) { totalCount } }"}, "BAD_USER_INPUT"),
    ],
)
def test_a_refused_document_is_400_for_those_who_know_the_new_media_type(
    client: TestClient, body: Any, code: str
) -> None:
    new, old = post(client, body, NEW), post(client, body, OLD)

    assert (new.status_code, old.status_code) == (400, 200)
    for response in (new, old):
        assert "data" not in response.json()
        assert response.json()["errors"][0]["extensions"]["code"] == code


def test_nulls_stand_for_members_left_out(client: TestClient) -> None:
    body = {"query": "{ __typename }", "operationName": None, "variables": None, "extensions": None}

    assert post(client, body).json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"],
)
def test_only_json_is_read(client: TestClient, content_type: str) -> None:
    response = post(client, {"query": "{ __typename }"}, **{"content-type": content_type})

    assert response.status_code == 415
    assert response.headers["content-type"].startswith(NEW)
    assert response.json()["errors"]


def test_a_compressed_body_is_refused_by_name(client: TestClient) -> None:
    body = gzip.compress(b'{"query":"{ __typename }"}')
    response = post(client, body, **{"content-encoding": "gzip"})

    assert response.status_code == 415
    assert "not compressed" in response.json()["errors"][0]["message"]
    plain = post(client, {"query": "{ __typename }"}, **{"content-encoding": "identity"})
    assert plain.status_code == 200


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"'])
def test_json_in_utf_8_is_read(client: TestClient, charset: str) -> None:
    given = {"content-type": f"application/json; charset={charset}"}

    assert post(client, {"query": "{ __typename }"}, **given).status_code == 200


def test_a_long_body_is_refused_as_json(client: TestClient) -> None:
    response = post(client, {"query": "{ __typename }" + " " * LARGEST_BODY})

    assert response.status_code == 413
    assert response.json()["errors"][0]["extensions"]["code"] == "TOO_LONG"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_allowed(client: TestClient, method: str) -> None:
    response = client.request(method, "/graphql", headers={"accept": NEW})

    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, POST"
    assert response.json()["errors"]


def test_get_answers_queries(client: TestClient) -> None:
    query = "query Q($id: ID!) { shelf(id: $id) { id } } query R { __typename }"

    response = get(client, query=query, operationName="Q", variables='{"id":"a"}', extensions="{}")

    assert response.status_code == 200
    assert response.json()["data"] == {"shelf": {"id": "a"}}


def test_get_with_empty_members_answers(client: TestClient) -> None:
    response = get(client, query="{ __typename }", operationName="", variables="", extensions="")

    assert response.json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize("variables", ["{", "[1]", "7", '"x"'])
def test_get_with_odd_variables_is_a_bad_request(client: TestClient, variables: str) -> None:
    assert get(client, query="{ __typename }", variables=variables).status_code == 400


def test_an_answer_carries_its_position(client: TestClient) -> None:
    response = post(client, {"query": "{ shelves { id } }"})

    assert response.headers["ledger-position"] == "20"
    assert response.json()["extensions"]["position"] == 20


@pytest.mark.parametrize(
    ("language", "parameter", "spoken"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "", "zh"),
        ("en-GB,zh;q=0.5", "", "en"),
        ("fr", "", "en"),
        ("en", "zh", "zh"),
        ("zh", "en", "en"),
    ],
)
def test_explanations_come_in_the_language_of_the_reader(
    client: TestClient, language: str, parameter: str, spoken: str
) -> None:
    response = client.post(
        f"/graphql?lang={parameter}" if parameter else "/graphql",
        json={"query": "{ books(first: 1) { nodes { judged } } }"},
        headers={"accept": NEW, "accept-language": language},
    )

    assert response.json()["data"]["books"]["nodes"][0]["judged"].endswith(spoken)


def test_the_schema_is_published(client: TestClient) -> None:
    response = client.get("/graphql/schema.graphql")

    assert response.status_code == 200
    assert "type Query {" in response.text


def test_introspection_is_answered(client: TestClient) -> None:
    response = post(client, {"query": "{ __schema { types { name } } shelves { id } }"})

    names = {type_["name"] for type_ in response.json()["data"]["__schema"]["types"]}
    assert {"Shelf", "Book", "Query"} <= names
    assert len(response.json()["data"]["shelves"]) == 3


def test_a_slow_field_is_stopped_and_its_neighbour_answers(client: TestClient) -> None:
    response = post(client, {"query": '{ slow(seconds: "30") { id } firstShelf { id } }'})

    assert response.json()["data"] == {"slow": None, "firstShelf": {"id": "a"}}
    assert response.json()["errors"][0]["path"] == ["slow"]
    assert response.json()["errors"][0]["extensions"]["code"] == "TIMEOUT"


def test_a_reader_who_has_the_answer_is_told_so(client: TestClient) -> None:
    asked = {"query": "{ shelves { id } }"}
    first = get(client, **asked)

    again = client.get(
        "/graphql",
        params=asked,
        headers={"accept": NEW, "if-none-match": f'"other", W/{first.headers["etag"]}'},
    )

    assert first.headers["cache-control"] == "private, no-cache"
    assert {"Accept", "Accept-Language", "Authorization"} <= set(first.headers["vary"].split(", "))
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["ledger-position"] == first.headers["ledger-position"]


def test_another_answer_has_another_tag(client: TestClient) -> None:
    tag = get(client, query="{ shelves { id } }").headers["etag"]
    other = client.get(
        "/graphql",
        params={"query": "{ shelves { room } }"},
        headers={"accept": NEW, "if-none-match": tag},
    )

    assert other.status_code == 200
    assert other.headers["etag"] != tag


def test_what_failed_or_was_posted_is_not_stored(client: TestClient) -> None:
    broken = get(client, query='{ slow(seconds: "soon") { id } }')
    posted = post(client, {"query": "{ shelves { id } }"}, **{"if-none-match": "*"})

    for response in (broken, posted):
        assert response.headers["cache-control"] == "no-store"
        assert "etag" not in response.headers
    assert posted.status_code == 200


def test_the_schema_is_told_once(client: TestClient) -> None:
    tag = client.get("/graphql/schema.graphql").headers["etag"]

    assert client.get("/graphql/schema.graphql", headers={"if-none-match": tag}).status_code == 304


@pytest.mark.parametrize(
    ("given", "kept"), [("proxy-17.a", True), ("a b", False), ("x" * 65, False)]
)
def test_a_request_keeps_the_id_that_a_proxy_gave_it(
    client: TestClient, given: str, kept: bool
) -> None:
    response = post(client, {"query": "{ __typename }"}, **{"x-request-id": given})

    assert (response.headers["x-request-id"] == given) is kept
    assert response.headers["x-request-id"]


def test_batches_are_refused_by_name(client: TestClient) -> None:
    response = post(client, [{"query": "{ __typename }"}])

    assert response.status_code == 400
    assert "Batches" in response.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("body", "headers", "chinese"),
    [
        (b"{", {}, "请求正文"),
        ([], {}, "批量"),
        ({"query": 1}, {}, "`query`"),
        ({"query": "{ __typename }", "variables": []}, {}, "`variables`"),
        ({"query": "{ __typename }"}, {"content-type": "text/plain"}, "UTF-8编码"),
        ({"query": "{ __typename }"}, {"accept": "text/plain"}, "请接受"),
        ({"query": "{ __typename }"}, {"sec-fetch-site": "cross-site"}, "其他网站"),
        ({"query": "{ nothing }"}, {}, "没有字段'nothing'"),
        ({"query": "{"}, {}, "语法错误"),
    ],
)
def test_what_is_wrong_is_told_in_the_language_of_the_reader(
    client: TestClient, body: Any, headers: dict[str, str], chinese: str
) -> None:
    accept = headers.pop("accept", NEW)
    english = post(client, body, accept, **headers)
    header = post(client, body, accept, **headers, **{"accept-language": "zh-CN,zh;q=0.9"})
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    given = {"content-type": OLD, "accept": accept, **headers}
    parameter = client.post("/graphql?lang=zh", content=content, headers=given)

    assert english.json()["errors"][0]["message"].isascii()
    assert chinese in header.json()["errors"][0]["message"]
    assert header.json() == parameter.json()
    assert header.status_code == parameter.status_code == english.status_code
