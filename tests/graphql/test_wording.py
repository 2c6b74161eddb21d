"""People read in Chinese why their question cannot be answered; codes are the same for all."""

import asyncio
import re
import string
from decimal import Decimal
from typing import Any

import orjson
import pytest
from api.engine import Settings
from api.message import Unreadable, from_body
from api.preparation import Preparation, Prepared, Refusal
from api.request import Request
from api.serving import engine_over, own_contract
from api.weight import Limits
from api.wording import WORDS, worded
from graphql import OperationDefinitionNode, parse

SETTINGS = Settings(limits=Limits(depth=4, cost=1_000), wait_seconds=0.01)
UNKNOWN = '{ shown: board(policy: "colour/nowhere@1") { region grey total } }'
ON = "query ($on: Date!) { board(asOf: { on: $on }) { region } }"
KNOWN = "query ($known: DateTime) { board(asOf: { known: $known }) { region } }"
LEAST = "query ($yi: Decimal) { board(filter: { totalInvestmentMinYi: $yi }) { region } }"
COSTLY = "{ projects(first: 200) { nodes { milestones { node } } } }"
DEEP = "{ projects(first: 1) { edges { node { milestones { node } } } } }"
REFUSED = [
    (
        "{ projects(first: 100000) { nodes { id } } }",
        {},
        "`first`须在1与200之间。",
        "BAD_USER_INPUT",
    ),
    (
        '{ board(asOf: { on: "2025-02-30" }) { region } }',
        {},
        "；2025-02-30不是。",
        "GRAPHQL_VALIDATION_FAILED",
    ),
    (ON, {"on": "2025-02-30"}, "变量'$on'的值", "BAD_USER_INPUT"),
    (ON, {"on": "2025-02-30"}, "；2025-02-30不是。", "BAD_USER_INPUT"),
    (KNOWN, {"known": "2025-02-28"}, "；2025-02-28不是。", "BAD_USER_INPUT"),
    (LEAST, {"yi": "1,5"}, "；1,5不是。", "BAD_USER_INPUT"),
    ('{ board(policy: "a\\u0000b") { region } }', {}, "文本不得含有NUL字符。", "BAD_USER_INPUT"),
    ("{ board(atLeast: 1000000000) { region } }", {}, "尚未到1000000000", "NOT_YET_PROJECTED"),
    ('{ projects(after: "x") { nodes { id } } }', {}, "此游标不是由", "BAD_USER_INPUT"),
    ('{ events(types: ["LandAward"]) { totalCount } }', {}, "`types`不能是", "BAD_USER_INPUT"),
    ('{ board(filter: { region: [""] }) { total } }', {}, "不得为空", "BAD_USER_INPUT"),
    ('{ policies(kind: "colours") { id } }', {}, "您要的可能是colour", "BAD_USER_INPUT"),
    (ON, {"no": 1, "on": None}, "类型'Date!'的值不得为空", "BAD_USER_INPUT"),
    ("  # only this", {}, "文档没有操作", "GRAPHQL_PARSE_FAILED"),
    ("fragment F on Project { id }", {}, "文档没有操作", "GRAPHQL_VALIDATION_FAILED"),
    ("query A { __typename } query B { __typename }", {}, "指明：A, B", "BAD_REQUEST"),
    ("query ($on: Date) { policies(on: $on) { id } }", {"ons": 1}, "'$on'", "BAD_USER_INPUT"),
    (COSTLY, {}, "个对象，最多允许", "TOO_COSTLY"),
    (DEEP, {}, "层，最多允许", "TOO_DEEP"),
]


def ask(conninfo: str, text: str, variables: Any, language: str, *, plainly: bool = False) -> Any:
    async def run() -> bytes:
        engine = engine_over(conninfo, settings=SETTINGS)
        request = Request(text, variables=variables, language=language)
        try:
            return (await engine.answer(request, plainly=plainly)).body
        finally:
            await engine.close()

    return orjson.loads(asyncio.run(run()))


@pytest.mark.parametrize(("text", "variables", "chinese", "code"), REFUSED)
@pytest.mark.parametrize("plainly", [False, True])
def test_refusals_are_told_in_the_language_of_the_request(
    portfolio: str, text: str, variables: Any, chinese: str, code: str, *, plainly: bool
) -> None:
    (english,) = ask(portfolio, text, variables, "en", plainly=plainly)["errors"]
    (told,) = ask(portfolio, text, variables, "zh", plainly=plainly)["errors"]

    assert chinese in told["message"]
    assert english["message"].isascii()
    assert told["extensions"]["code"] == code
    assert told | {"message": ""} == english | {"message": ""}


@pytest.mark.parametrize("plainly", [False, True])
def test_a_board_that_is_grey_for_want_of_its_policy_says_so(
    portfolio: str, *, plainly: bool
) -> None:
    answer = ask(portfolio, UNKNOWN, {}, "en", plainly=plainly)
    (note,) = answer["extensions"]["notes"]
    (chinese,) = ask(portfolio, UNKNOWN, {}, "zh", plainly=plainly)["extensions"]["notes"]

    assert all(cell["grey"] == cell["total"] for cell in answer["data"]["shown"])
    assert note["path"] == ["shown"]
    assert note["code"] == "UNKNOWN_POLICY"
    assert note["message"].startswith("No policy colour/nowhere@1 was known at position ")
    assert chinese["message"].startswith("截至位置")
    assert "colour/nowhere@1" in chinese["message"]
    assert "errors" not in answer


@pytest.mark.parametrize("plainly", [False, True])
def test_wrong_values_are_shown_where_and_as_they_were_written(
    portfolio: str, *, plainly: bool
) -> None:
    literal = '{ board(asOf: { on: "2025-02-30" }) { region } }'
    fraction = "query ($year: Int!) { startRate(year: $year) { on } }"
    variables = {"year": Decimal("2024.50")}
    (placed,) = ask(portfolio, literal, {}, "en", plainly=plainly)["errors"]
    (shown,) = ask(portfolio, fraction, variables, "en", plainly=plainly)["errors"]

    assert placed["locations"] == [{"line": 1, "column": 21}]
    assert shown["message"].endswith(": Int cannot represent non-integer value: 2024.50")


def test_a_text_that_cannot_be_kept_is_named(portfolio: str) -> None:
    query = "query ($kind: String) { events(source: $kind) { totalCount } }"
    (problem,) = ask(portfolio, query, {"kind": "a\x00b"}, "en")["errors"]

    assert problem["message"] == "`source`: A text may not contain the NUL character."
    assert problem["extensions"]["argument"] == "source"


def test_what_is_sent_beyond_the_variables_of_an_operation_does_no_harm(portfolio: str) -> None:
    query = "query ($year: Int!, $on: Date) { startRate(year: $year, asOf: { on: $on }) { on } }"
    surplus = {"year": 2024, "on": None, "years": 1, "region": ["32"], "page": 5}

    assert "errors" not in ask(portfolio, query, surplus, "en")


def test_an_operation_that_is_not_there_is_answered_with_those_that_are() -> None:
    preparation = Preparation(own_contract(), Limits())

    def told(text: str, name: str) -> str:
        with pytest.raises(Refusal) as refusal:
            preparation.prepared(text, name)
        return str(refusal.value.errors[0].message)

    two = "query A { __typename } query B { __typename }"
    assert told(two, "C") == 'The document holds no operation "C"; it holds A, B.'
    assert told("{ __typename }", "C").endswith("it holds one without a name.")


def test_a_body_that_is_no_json_is_told_where_it_fails() -> None:
    with pytest.raises(Unreadable) as problem:
        from_body(b'{"query": "{ ledger { size } }", "variables": {"a": NaN}}')

    assert "invalid character (byte 52). Send one well-formed JSON" in problem.value.message


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ('{"query": "{ a }", "query": "{ b }"}', "query"),
        (
            '{"query": "{ a }", "variables": {"payload": {"x": 1.50, "x": 2}}}',
            "variables.payload.x",
        ),
    ],
)
def test_a_body_that_says_something_twice_is_refused(body: str, place: str) -> None:
    with pytest.raises(Unreadable) as problem:
        from_body(body.encode())

    assert problem.value.message == f"The body says `{place}` twice; send it once."


def test_a_date_that_does_not_exist_is_told_how_dates_are_written(portfolio: str) -> None:
    asked = """mutation ($on: FlexDate!) { append(type: "LandDelivered", occurredOn: $on,
        payload: {}, recordId: "x") { position } }"""
    (problem,) = ask(portfolio, asked, {"on": "2024-02-30"}, "en")["errors"]

    told = "Variable '$on' has invalid value: 2024-02-30 is no date. Give an existing date as YYYY,"
    assert problem["message"].startswith(told)


NAMED = """query ($policy: ID!, $no: Boolean = false) {
    page: projects(first: 1) { nodes { ...Judged } }
    one: project(id: "x") { postEvaluations { recomputedUnder(policy: $policy) { grade } } }
    wrong: board(policy: $policy) { grey total }
    right: board(policy: "colour/default@1") { grey }
    counted: startRate(year: 2024, policy: $policy) { on }
}
fragment Judged on Project {
    shown: colour(policy: "colour/nowhere@1")
    skipped: colour(policy: "colour/nowhere@2") @include(if: $no)
}"""


@pytest.mark.parametrize("plainly", [False, True])
def test_policies_that_cannot_judge_are_named_wherever_they_stand(
    portfolio: str, *, plainly: bool
) -> None:
    variables = {"policy": "listing/default@1"}
    answer = ask(portfolio, NAMED, variables, "en", plainly=plainly)
    noted = {tuple(note["path"]): note["code"] for note in answer["extensions"]["notes"]}

    assert noted == {
        ("page", "nodes", "shown"): "UNKNOWN_POLICY",
        ("one", "postEvaluations", "recomputedUnder"): "OTHER_POLICY",
        ("wrong",): "OTHER_POLICY",
    }
    assert all(cell["grey"] == cell["total"] for cell in answer["data"]["wrong"])


def test_policies_count_only_from_where_they_are_known(portfolio: str) -> None:
    listed = '{ policies(kind: "colour") { id adoption { position } } }'
    known = ask(portfolio, listed, {}, "en")["data"]
    policy = max(known["policies"], key=lambda each: each["adoption"]["position"])
    adopted = policy["adoption"]["position"]
    asked = """query ($policy: ID, $at: Int) {
        board(policy: $policy, asOf: { knownPosition: $at }) { region } }"""

    for position, is_known in ((adopted, True), (adopted - 1, False)):
        variables = {"policy": policy["id"], "at": position}
        answer = ask(portfolio, asked, variables, "en")
        assert ("notes" not in answer["extensions"]) == is_known


@pytest.mark.parametrize("english", WORDS)
def test_every_sentence_is_found_with_what_varies_in_its_place(english: str) -> None:
    values = ["1", "22", "333"][: english.count("{}")]
    chinese = WORDS[english]

    told = worded(english.format(*values), "zh")

    assert told == chinese.format(*values)
    assert len(
        [name for _, name, _, _ in string.Formatter().parse(chinese) if name is not None]
    ) == (len(values))
    assert worded(english.format(*values), "en") == english.format(*values)


def test_what_has_no_words_here_stays_as_it_is() -> None:
    assert worded("There are no words for this.", "zh") == "There are no words for this."


WRONG = (
    "",
    "{",
    "{ }",
    "{ board(asOf: ) { region } }",
    '{ board(policy: "a) { region } }',
    '{ board(policy: "\\q") { region } }',
    "{ board(policy: 'a') { region } }",
    "{ board(first: 01) { region } }",
    "{ .. }",
    "{ ? }",
    "query ($a: Int = $b) { board { region } }",
    "{ nothing }",
    "{ boards { region } }",
    "{ board(nothing: 1) { region } }",
    "{ board @nothing { region } }",
    "query @skip(if: true) { board { region } }",
    "{ board @skip(if: true) @skip(if: true) { region } }",
    "{ board @skip(nothing: true, if: true) { region } }",
    "{ board @skip { region } }",
    "{ ...Nothing }",
    "fragment A on Project { id } { board { region } }",
    "fragment A on Project { ...A } { project { ...A } }",
    "fragment A on Project { ...B } fragment B on Project { ...A } { project { ...A } }",
    "fragment A on Date { id } { ...A }",
    "{ ... on Date { id } }",
    "{ board { ... on Project { id } } }",
    "fragment A on Project { id } { board { ...A } }",
    "{ ... on Nothing { id } }",
    "{ board { region } } query A { board { region } }",
    "query A { board { region } } query A { board { region } }",
    "type A { id: ID }",
    "{ project(id: $id) { id } }",
    "query A { project(id: $id) { id } }",
    "query ($id: ID) { board { region } }",
    "query A($id: ID) { board { region } }",
    "query ($id: Project) { project(id: $id) { id } }",
    "query ($id: Int) { project(id: $id) { id } }",
    "query ($id: ID, $id: ID) { project(id: $id) { id } }",
    '{ project(id: "a", id: "b") { id } }',
    '{ board(asOf: {on: "2025-01-01", on: "2025-01-01"}) { region } }',
    "{ node { id } }",
    "{ board { region { id } } }",
    "{ board }",
    "{ board { region: total region } }",
    '{ a: project(id: "a") { id } a: project(id: "b") { id } }',
    "subscription { position a: position }",
    '{ projects(first: "a") { nodes { id } } }',
    "{ projects(first: 5000000000) { nodes { id } } }",
    "{ projects(filter: 1) { nodes { id } } }",
    "{ projects(filter: {nothing: 1}) { nodes { id } } }",
    "{ projects(filter: {colour: [PINK]}) { nodes { id } } }",
    '{ projects(filter: {colour: ["RED"]}) { nodes { id } } }',
    "{ project(id: true) { id } }",
    "{ board(policy: 7.5) { region } }",
    "query A { board { region } } query B { board { region } }",
    "{ a: __typename " + "board { region } " * 1_100 + "}",
)
IN_QUOTES = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`")
THREE_ENGLISH_WORDS = re.compile(r"[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}")


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_with_a_document_is_told_in_chinese(text: str) -> None:
    preparation = Preparation(own_contract(), Limits())

    with pytest.raises(Refusal) as refused:
        preparation.prepared(text, None)

    for error in refused.value.errors:
        told = worded(error.message, "zh")
        assert not told.isascii(), told
        assert not THREE_ENGLISH_WORDS.search(IN_QUOTES.sub("", told)), told


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("Int!", None),
        ("Int!", "a"),
        ("Int!", 2**40),
        ("ID!", 1.5),
        ("String!", 1),
        ("Boolean!", "a"),
        ("ProjectFilter!", 7),
        ("ProjectFilter!", {"nothing": 1}),
        ("Colour!", "PINK"),
        ("Colour!", 7),
    ],
)
def test_what_is_wrong_with_a_variable_is_told_in_chinese(type_: str, value: object) -> None:
    text = f"query ($v: {type_}) {{ __typename @skip(if: false) @a(v: $v) }}"
    document = parse(text)
    (operation,) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    prepared = Prepared(own_contract(), text, document, operation)

    with pytest.raises(Refusal) as refused:
        prepared.variables({} if value is None else {"v": value})

    for error in refused.value.errors:
        told = worded(error.message, "zh")
        assert not told.isascii(), told
        assert not THREE_ENGLISH_WORDS.search(IN_QUOTES.sub("", told)), told
