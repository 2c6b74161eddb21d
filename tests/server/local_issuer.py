"""An issuer of tokens on this machine, and what is believed of it."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from intake.denials import Denials
from intake.grant import Grant
from server.issuers.issuer import Issuer, issuers_in
from server.issuers.issuers import Issuers

KEYS: dict[str, Any] = {
    "rsa": RSAKey.generate_key(2048, parameters={"kid": "rsa"}),
    "ec": ECKey.generate_key("P-256", parameters={"kid": "ec"}),
    "okp": OKPKey.generate_key("Ed25519", parameters={"kid": "okp"}),
}
ANOTHER = RSAKey.generate_key(2048, parameters={"kid": "rsa"})
ALGORITHMS = {"rsa": "RS256", "ec": "ES256", "okp": "EdDSA"}


@dataclass
class LocalIssuer:
    """An issuer on a free port of this machine, which can be away and change its keys."""

    address: str = ""
    keys: list[Any] = field(default_factory=lambda: list(KEYS.values()))
    asked: list[str] = field(default_factory=list)
    is_away: bool = False

    def answer(self, path: str) -> dict[str, Any] | None:
        self.asked.append(path)
        if self.is_away:
            return None
        if path == "/.well-known/openid-configuration":
            return {"issuer": self.address, "jwks_uri": f"{self.address}/keys"}
        return {"keys": [key.as_dict(private=False) for key in self.keys]}

    def token(self, key: str = "ec", /, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """Give a token that is good, but for what is said."""
        now = int(time.time())
        told = {
            "iss": self.address,
            "aud": "ledger",
            "sub": "u-17",
            "iat": now,
            "exp": now + 300,
            "roles": ["planner"],
            "regions": ["320582"],
            **claims,
        }
        told = {name: value for name, value in told.items() if value is not None}
        given = {"alg": ALGORITHMS[key], "kid": key, **(header or {})}
        return jwt.encode(given, told, KEYS[key], algorithms=list(ALGORITHMS.values()))


@contextmanager
def local_issuer() -> Iterator[LocalIssuer]:
    """Run an issuer for as long as it is needed."""
    issuer = LocalIssuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told = issuer.answer(self.path)
            body = json.dumps(told).encode()
            self.send_response(503 if told is None else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        issuer.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield issuer
        server.shutdown()
        thread.join()


FILE = """
[[issuer]]
name = "city"
issuer = "{address}"
audience = ["ledger", "other"]
org = "City government"
systems = ["planning"]

[issuer.claims]
rights = "roles"
regions = "regions"

[issuer.rights]
planner = ["read", "append", "correct"]
clerk = ["read"]
"""


def described(local: LocalIssuer, folder: Path, text: str = FILE) -> tuple[Issuer, ...]:
    path = folder / "issuers.toml"
    path.write_text(text.format(address=local.address), "utf-8")
    return issuers_in(path)


def believed(issuers: tuple[Issuer, ...], *tokens: str) -> list[Grant | None]:
    """Ask about tokens, one after the other, in one program."""

    async def run() -> list[Grant | None]:
        known = Issuers(issuers, Denials())
        try:
            return [await known.grant(token) for token in tokens]
        finally:
            await known.close()

    return asyncio.run(run())
