"""`lifecycle attestation`: keys of sources that sign what they send, and their signatures."""

import sys
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from domain.attestation import key_id_of, signed_text
from domain.errors import Conflict, Malformed
from intake.attesting import statement_digest
from intake.cloudevents import read_event
from ledger.durable_file import OWNER_ONLY, write_durably
from server.administration import record
from server.database import database
from server.house import opened
from server.settings import Settings, from_environment
from server.stopping import run
from server.terminal import AsJson, Data, out, print_json

_KEY_BYTES = 32
commands = typer.Typer(
    help="Let sources sign what they send, by keys that never come near the ledger.",
    no_args_is_help=True,
)
ActorName = Annotated[str, typer.Argument(help="The actor of its tokens, as approval-platform.")]
PublicKey = Annotated[
    str, typer.Option("--public", help="The 32 bytes of its Ed25519 public key in base64.")
]
Reason = Annotated[str, typer.Option(help="Why; it stays in the ledger.")]


class FileThere(Conflict):
    """There is a file {value} already."""

    code = "file_there"
    cure = "Name a new file; a key is never overwritten."


@commands.command("new-key")
def new_key(
    *,
    file: Annotated[Path, typer.Argument(help="A new file for the private key, as PEM.")],
    as_json: AsJson = False,
) -> None:
    """Make a key where the source is, and show the public one, which the ledger registers."""
    if file.exists():
        raise FileThere(value=file)
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_durably(file, pem, mode=OWNER_ONLY)
    _show(_public(private), as_json=as_json)


@commands.command()
def register(
    *,
    actor: ActorName,
    public: PublicKey,
    reason: Reason,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """From now on the actor's facts count only with a signature by one of its keys."""
    _change(actor, _key(public), "registered", reason, data)
    _show(_key(public), as_json=as_json)


@commands.command()
def revoke(
    *,
    actor: ActorName,
    public: PublicKey,
    reason: Reason,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """From now on nothing may be signed by the key; what was signed stays signed."""
    _change(actor, _key(public), "revoked", reason, data)
    _show(_key(public), as_json=as_json)


@commands.command()
def sign(
    *,
    file: Annotated[Path, typer.Argument(help="CloudEvents, one a line; - reads standard input.")],
    key: Annotated[Path, typer.Option(help="The private key, as PEM.")],
) -> None:
    """Write the same lines with `signature` and `signaturekey`; needs no ledger."""
    private = _private(key)
    known_as = key_id_of(_public(private))
    text = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    for line in filter(bytes.strip, text.splitlines()):
        event: dict[str, Any] = orjson.loads(line)
        digest = statement_digest(read_event(event))
        signature = b64encode(private.sign(signed_text(digest))).decode()
        typer.echo(orjson.dumps({**event, "signature": signature, "signaturekey": known_as}))


def _change(actor: str, public: bytes, act: str, reason: str, data: Path | None) -> None:
    """Record a change of keys in the ledger. Raises NotRecorded."""
    payload = {
        "actor": actor,
        "act": act,
        "key_id": key_id_of(public),
        "public_key": b64encode(public).decode(),
    }

    async def changed(settings: Settings, conninfo: str) -> None:
        async with opened(settings, conninfo) as house:
            name = f"actor-key-{actor}-{payload['key_id']}-{act}"
            await record(house, "ActorKeyChanged", payload, record_id=name, reason=reason)

    settings = from_environment(data=data)
    with database(settings, may_begin=True) as conninfo:
        run(changed(settings, conninfo))


def _key(text: str) -> bytes:
    """Read a public key. Raises Malformed."""
    try:
        public = b64decode(text, validate=True)
    except NotBase64:
        public = b""
    if len(public) != _KEY_BYTES:
        raise Malformed(
            code="invalid_value",
            field="public",
            value=text,
            cure="Give the 32 bytes of an Ed25519 public key in base64.",
        )
    return public


def _private(file: Path) -> Ed25519PrivateKey:
    """Read a private key. Raises Malformed."""
    try:
        private = load_pem_private_key(file.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise _unusable(file) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise _unusable(file)
    return private


def _unusable(file: Path) -> Malformed:
    return Malformed(
        code="unreadable_key",
        field="key",
        value=str(file),
        cure="Give an Ed25519 private key as PEM: openssl genpkey -algorithm ed25519.",
    )


def _public(private: Ed25519PrivateKey) -> bytes:
    return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def _show(public: bytes, *, as_json: bool) -> None:
    """Show a public key and its name."""
    told = {"key_id": key_id_of(public), "public_key": b64encode(public).decode()}
    if as_json:
        print_json(told)
    else:
        out.print(f"Key {told['key_id']}, public {told['public_key']}")
