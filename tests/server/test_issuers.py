"""Tokens of a trusted issuer are believed as far as they prove themselves, and no further."""

import asyncio
import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from api.contract import Contract
from api.database import Readers
from api.engine import Engine
from joserfc import jwt
from starlette.testclient import TestClient

from intake.denials import Denials
from intake.grant import Right
from server.app import application
from server.house import opened
from server.issuers import keys as keys_module
from server.issuers.issuer import BadIssuers
from server.issuers.issuers import Issuers
from server.issuers.keys import IssuerAway, read_keys
from server.serving import serve
from server.settings import Settings
from tests.server.local_issuer import (
    ANOTHER,
    FILE,
    KEYS,
    LocalIssuer,
    believed,
    described,
    local_issuer,
)

pytestmark = pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")


@pytest.fixture
def local() -> Iterator[LocalIssuer]:
    with local_issuer() as issuer:
        yield issuer


@pytest.mark.parametrize("key", KEYS)
def test_a_good_token_gives_what_its_claims_say(
    local: LocalIssuer, tmp_path: Path, key: str
) -> None:
    # The name comes in two parts, as some keyboards write it, and is kept in one.
    (grant,) = believed(described(local, tmp_path), local.token(key, name="Jose\u0301"))

    assert grant is not None
    assert (grant.actor.id, grant.actor.org, grant.actor.name) == (
        "city:u-17",
        "City government",
        "José",
    )
    assert grant.rights == {Right.READ, Right.APPEND, Right.CORRECT}
    assert grant.systems == {"planning"}
    assert grant.regions == {"320582"}


def signed_with_public_key(local: LocalIssuer) -> str:
    """Sign with the public key as if it were a shared secret: the classic confusion."""
    _, claims, _ = local.token("rsa").split(".")
    header = encoded(b'{"alg":"HS256","kid":"rsa"}')
    secret = KEYS["rsa"].as_pem(private=False)
    signature = hmac.digest(secret, f"{header}.{claims}".encode(), "sha256")
    return f"{header}.{claims}.{encoded(signature)}"


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unsigned(local: LocalIssuer) -> str:
    _, claims, _ = local.token("rsa").split(".")
    header = encoded(b'{"alg":"none","kid":"rsa"}')
    return f"{header}.{claims}."


def forged(local: LocalIssuer) -> str:
    claims = jwt.decode(local.token("rsa"), KEYS["rsa"]).claims
    return jwt.encode({"alg": "RS256", "kid": "rsa"}, claims, ANOTHER)


def altered(local: LocalIssuer) -> str:
    header, _, signature = local.token("ec").split(".")
    _, claims, _ = local.token("ec", regions=["*"]).split(".")
    return f"{header}.{claims}.{signature}"


BAD: dict[str, Callable[[LocalIssuer], str]] = {
    "unsigned": unsigned,
    "signed with the public key": signed_with_public_key,
    "signed by another": forged,
    "altered": altered,
    "key of another kind": lambda local: local.token("ec", {"kid": "rsa"}),
    "its own key in the header": lambda local: jwt.encode(
        {"alg": "RS256", "jwk": ANOTHER.as_dict(private=False)},
        jwt.decode(local.token("rsa"), KEYS["rsa"]).claims,
        ANOTHER,
    ),
    "expired": lambda local: local.token(exp=int(time.time()) - 61),
    "not yet": lambda local: local.token(nbf=int(time.time()) + 90),
    "for ever": lambda local: local.token(exp=None),
    "for somebody else": lambda local: local.token(aud="mail"),
    "for nobody": lambda local: local.token(aud=None),
    "of another issuer": lambda local: local.token(iss="https://login.example"),
    "of no issuer": lambda local: local.token(iss=None),
    "of somebody too long": lambda local: local.token(sub="u" * 201),
    "of somebody unprintable": lambda local: local.token(sub="u\x00"),
    "of nobody": lambda local: local.token(sub=None),
    "another type": lambda local: local.token("ec", {"typ": "logout+jwt"}),
    "an unknown key": lambda local: local.token("ec", {"kid": "nowhere"}),
    "much too long": lambda local: local.token(padding="x" * 20_000),
    "no token": lambda _: "eyJhbGciOiJub25lIn0.!!!.",
    "half a token": lambda local: local.token()[:-20],
}


@pytest.mark.parametrize("make", BAD.values(), ids=BAD.keys())
def test_a_bad_token_gives_nothing(
    local: LocalIssuer, tmp_path: Path, make: Callable[[LocalIssuer], str]
) -> None:
    bad, good = believed(described(local, tmp_path), make(local), local.token())

    assert bad is None
    assert good is not None


def test_clocks_may_differ_a_little(local: LocalIssuer, tmp_path: Path) -> None:
    now = int(time.time())

    late, early = believed(
        described(local, tmp_path), local.token(exp=now - 30), local.token(nbf=now + 30)
    )

    assert late is not None
    assert early is not None


@pytest.mark.parametrize(
    ("claims", "regions", "rights"),
    [
        ({"regions": None}, frozenset(), 3),
        ({"regions": ["*"]}, None, 3),
        ({"regions": "3205 32"}, frozenset({"3205", "32"}), 3),
        ({"regions": ["somewhere", 5]}, frozenset(), 3),
        ({"roles": None}, frozenset({"320582"}), 0),
        ({"roles": ["admin", "owner"]}, frozenset({"320582"}), 0),
        ({"roles": ["clerk"]}, frozenset({"320582"}), 1),
    ],
)
def test_what_a_claim_does_not_say_it_does_not_give(
    local: LocalIssuer, tmp_path: Path, claims: dict[str, Any], regions: Any, rights: int
) -> None:
    (grant,) = believed(described(local, tmp_path), local.token(**claims))

    assert grant is not None
    assert grant.regions == regions
    assert len(grant.rights) == rights


def test_claims_may_lie_deep_and_rights_name_themselves(local: LocalIssuer, tmp_path: Path) -> None:
    text = FILE.replace('rights = "roles"', 'rights = "access.ledger"\nsystems = "as"')
    text = text.partition("[issuer.rights]")[0].replace('systems = ["planning"]\n', "")

    (grant,) = believed(
        described(local, tmp_path, text),
        local.token(access={"ledger": ["read", "admin"]}, **{"as": "crm"}),
    )

    assert grant is not None
    assert grant.rights == {Right.READ}
    assert grant.systems == {"crm"}


def test_a_new_key_is_found_and_unknown_ones_are_not_asked_for_again_and_again(
    local: LocalIssuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuers = described(local, tmp_path)
    first = [KEYS["rsa"]]
    local.keys = first
    monkeypatch.setattr(keys_module, "AGAIN_SECONDS", 0.0)
    unknown = [local.token("ec", {"kid": f"k{number}"}) for number in range(50)]

    async def run() -> tuple[Any, Any, int]:
        known = Issuers(issuers, Denials())
        assert await known.grant(local.token("rsa")) is not None
        local.keys = list(KEYS.values())
        fresh = await known.grant(local.token("ec"))
        monkeypatch.setattr(keys_module, "AGAIN_SECONDS", 10.0)
        before = len(local.asked)
        refused = [await known.grant(token) for token in unknown]
        return fresh, refused, len(local.asked) - before

    fresh, refused, asked = asyncio.run(run())

    assert fresh is not None
    assert not any(refused)
    assert asked == 0


def test_an_issuer_that_is_away_is_believed_by_the_keys_it_gave(
    local: LocalIssuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuers = described(local, tmp_path)

    async def run() -> None:
        known = Issuers(issuers, Denials())
        assert await known.grant(local.token()) is not None
        local.is_away = True
        monkeypatch.setattr(keys_module, "FRESH_SECONDS", 0.0)
        monkeypatch.setattr(keys_module, "AGAIN_SECONDS", 0.0)
        for _ in range(3):
            assert await known.grant(local.token()) is not None
        monkeypatch.setattr(keys_module, "STALE_SECONDS", 0.0)
        with pytest.raises(IssuerAway):
            await known.grant(local.token())
        await known.close()

    asyncio.run(run())


def test_keys_may_lie_in_a_file_beside_others_that_do_not_sign(
    local: LocalIssuer, tmp_path: Path
) -> None:
    listed = [
        {"kty": "oct", "k": "c2VjcmV0", "kid": "secret"},
        {"kty": "RSA", "kid": "broken", "n": "?"},
        {**KEYS["ec"].as_dict(private=False), "kid": "enc", "use": "enc"},
        KEYS["ec"].as_dict(private=False),
    ]
    (tmp_path / "keys.json").write_text(json.dumps({"keys": listed}))
    text = FILE.replace('org = "', f'jwks = "{tmp_path}/keys.json"\norg = "')

    (grant,) = believed(described(local, tmp_path, text), local.token())

    assert grant is not None
    assert not local.asked
    assert set(read_keys(json.dumps({"keys": listed}).encode())) == {"ec"}


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ('regions = "regions"\n', "", "name the claim of the regions"),
        ('systems = ["planning"]\n', "", "name the claim of the systems"),
        ('audience = ["ledger", "other"]\n', "", "audience"),
        ('org = "', 'algorithms = ["HS256"]\norg = "', "HS256 is not accepted"),
        ('org = "', 'algorithms = ["none"]\norg = "', "none is not accepted"),
        ("{address}", "http://login.example", "no https address"),
        ('org = "', 'colour = "red"\norg = "', "colour is not known"),
        ('planner = ["read"', 'planner = ["rule"', "rights are"),
        ("[[issuer]]", "[[issuer", "TOML"),
    ],
)
def test_a_file_that_is_not_clear_is_refused_with_its_reason(
    local: LocalIssuer, tmp_path: Path, before: str, after: str, reason: str
) -> None:
    assert before in FILE
    with pytest.raises(BadIssuers) as refused:
        described(local, tmp_path, FILE.replace(before, after))

    assert reason in str(refused.value) or reason == "TOML"


def test_a_ledger_with_a_file_that_is_not_clear_says_so_and_does_not_open(
    tmp_path: Path,
) -> None:
    (tmp_path / "issuers.toml").write_text("[[issuer")
    settings = Settings(data=tmp_path, issuers=tmp_path / "issuers.toml")

    async def opening() -> None:
        async with opened(settings, "host=nowhere.invalid"):
            raise AssertionError

    with pytest.raises(BadIssuers):
        asyncio.run(opening())
    announced: list[Settings] = []
    with pytest.raises(BadIssuers):
        serve(replace(settings, port=0), "host=nowhere.invalid", announced.append)
    assert not announced


def test_tokens_open_every_door_as_far_as_they_say_and_an_absent_issuer_is_503(
    local: LocalIssuer, tmp_path: Path, database: str, public_contract: Contract
) -> None:
    described(local, tmp_path)
    settings = Settings(data=tmp_path, issuers=tmp_path / "issuers.toml", host="ledger.example")
    app = application(settings, database, engine=Engine(public_contract, Readers(database)))
    fact = {
        "specversion": "1.0",
        "type": "ProjectRegistered",
        "source": "/sources/planning",
        "id": "P-1#1",
        "occurredon": "2024-05-06",
        "data": {
            "title": "Plant",
            "district": "320582",
            "industry_gb4754": "3985",
            "stage": "negotiating",
        },
    }
    with TestClient(app, base_url="http://ledger.example", raise_server_exceptions=False) as client:

        def bearing(token: str) -> dict[str, str]:
            return {"Authorization": f"Bearer {token}"}

        def send(token: str, **changes: Any) -> Any:
            return client.post(
                "/events",
                content=json.dumps({**fact, **changes}),
                headers={**bearing(token), "Content-Type": "application/cloudevents+json"},
            )

        local.is_away = True
        for answer in (
            send(local.token()),
            client.get("/events?limit=1", headers=bearing(local.token())),
        ):
            assert (answer.status_code, answer.json()["code"]) == (503, "issuer_unavailable")
            assert answer.headers["retry-after"]
        answer = client.get("/graphql?query={__typename}", headers=bearing(local.token()))
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
        [error] = answer.json()["errors"]
        assert error["extensions"]["code"] == "UNAVAILABLE"
        assert local.address in error["message"]
        local.is_away = False
        keys_of_app = app.state.house.recognition._issuers._issuers[local.address][1]
        keys_of_app._tried_at = None

        good, clerk = local.token(), local.token(roles=["clerk"])
        assert send(good).json()["receipts"][0]["status"] == "accepted"
        assert send(clerk).json()["receipts"][0]["code"] == "forbidden"
        assert (
            send(good, source="/sources/drc").json()["receipts"][0]["code"] == "source_not_allowed"
        )
        elsewhere = local.token(regions=["321102"])
        for token, count in ((good, 1), (clerk, 1), (elsewhere, 0)):
            told = client.get(
                "/graphql",
                params={"query": "{ projects(atLeast: 1) { totalCount } }"},
                headers=bearing(token),
            )
            assert told.json()["data"]["projects"]["totalCount"] == count
        for token in (unsigned(local), local.token(roles=[])):
            assert client.get("/events?limit=1", headers=bearing(token)).status_code == 401
        event = client.get("/events?limit=1", headers=bearing(good)).json()["events"][0]
        assert event["actor"]["id"] == "city:u-17"
