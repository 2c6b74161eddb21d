"""Say where this program keeps its data and where it listens."""

import math
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from domain.errors import Malformed
from server.asking import Asking, asking_from

CHECKOUT = Path(__file__).resolve().parents[1]
LOOPBACK = "127.0.0.1"
PORT = 8000
HIGHEST_PORT = 65_535
PATIENCE_SECONDS = 10.0
CLERK_SECONDS = 60.0
SENDER_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Settings:
    """How one process runs.

    Without `database_url` an embedded PostgreSQL lives in the data folder. While the database is
    away, a request waits for it as long as the patience lasts. The head is signed every
    `signing_seconds`; `origin` names this ledger in its checkpoints.
    """

    data: Path
    database_url: str | None = None
    host: str = LOOPBACK
    port: int = PORT
    largest_body: int = 8 * 2**20
    signing_seconds: float = 1.0
    clerk_seconds: float = CLERK_SECONDS
    signing_key_file: Path | None = None
    person_keys_file: Path | None = None
    time_authority: str | None = None
    time_root: Path | None = None
    origin: str | None = None
    witnesses: Path | None = None
    issuers: Path | None = None
    patience_seconds: float = PATIENCE_SECONDS
    sender_patience_seconds: float = SENDER_PATIENCE_SECONDS
    asking: Asking = field(default_factory=Asking)
    names: tuple[str, ...] = ()
    oc4ids_prefix: str | None = None
    publisher: str | None = None

    @property
    def postgres(self) -> Path:
        """Give the folder of the embedded PostgreSQL."""
        return self.data / "postgres"

    @property
    def token(self) -> Path:
        """Give the file that holds a token that may write."""
        return self.data / "token"

    @property
    def signing_key(self) -> Path:
        """Give the file that holds the key which signs checkpoints."""
        return self.signing_key_file or self.data / "signing-key"

    @property
    def last_checkpoint(self) -> Path:
        """Give the file that holds the last signed checkpoint, outside the database."""
        return self.data / "last-checkpoint"

    @property
    def person_keys(self) -> Path:
        """Give the file of the keys under which names of persons lie in the database."""
        return self.person_keys_file or self.data / "person-keys"

    @property
    def address(self) -> str:
        """Give the address under which the server is reached."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


def from_environment(
    *, data: Path | None = None, host: str | None = None, port: int | None = None
) -> Settings:
    """Read the settings from the environment; what is given here comes first.

    `DATABASE_URL`, `LIFECYCLE_DATA`, `LIFECYCLE_HOST`, `LIFECYCLE_PORT`, `LIFECYCLE_PATIENCE`
    (seconds), `LIFECYCLE_SIGNING_KEY`, `LIFECYCLE_PERSON_KEYS` (files), `LIFECYCLE_ORIGIN`,
    `LIFECYCLE_WITNESSES`, `LIFECYCLE_ISSUERS` (files), `LIFECYCLE_NAMES` (by which
    this machine is asked for beside its own), `LIFECYCLE_OC4IDS_PREFIX`, `LIFECYCLE_PUBLISHER` (who
    publishes projects, and under which registered prefix), and those of `asking_from`.
    """
    folder = data or Path(os.environ.get("LIFECYCLE_DATA") or CHECKOUT / "data")
    return Settings(
        data=folder.expanduser().absolute(),
        database_url=os.environ.get("DATABASE_URL") or None,
        host=host or os.environ.get("LIFECYCLE_HOST") or LOOPBACK,
        port=port if port is not None else _port(),
        patience_seconds=_number("LIFECYCLE_PATIENCE", PATIENCE_SECONDS),
        signing_key_file=_path("LIFECYCLE_SIGNING_KEY"),
        person_keys_file=_path("LIFECYCLE_PERSON_KEYS"),
        origin=_origin(),
        witnesses=_path("LIFECYCLE_WITNESSES"),
        issuers=_path("LIFECYCLE_ISSUERS"),
        time_authority=os.environ.get("LIFECYCLE_TSA") or None,
        time_root=_path("LIFECYCLE_TSA_ROOT"),
        clerk_seconds=_number("LIFECYCLE_CLERK", CLERK_SECONDS),
        asking=asking_from(),
        oc4ids_prefix=_prefix(),
        publisher=os.environ.get("LIFECYCLE_PUBLISHER") or None,
        names=tuple((os.environ.get("LIFECYCLE_NAMES") or "").lower().replace(",", " ").split()),
    )


def _path(name: str) -> Path | None:
    """Read the path of a file from the environment."""
    text = os.environ.get(name)
    return Path(text).expanduser().absolute() if text else None


def _origin() -> str | None:
    """Read the name of this ledger in its checkpoints. Raises Malformed."""
    text = os.environ.get("LIFECYCLE_ORIGIN") or None
    if text is not None and not re.fullmatch(r"[^\s+]{1,200}", text):
        raise Malformed(
            code="invalid_value",
            field="LIFECYCLE_ORIGIN",
            value=text,
            cure="Name it like an address without its scheme, as ledger.example/wujin.",
        )
    return text


def _prefix() -> str | None:
    """Read the prefix under which projects are published. Raises Malformed."""
    text = os.environ.get("LIFECYCLE_OC4IDS_PREFIX") or None
    if text is not None and not re.fullmatch(r"oc4ids-[a-z0-9]{6}", text):
        raise Malformed(
            code="invalid_value",
            field="LIFECYCLE_OC4IDS_PREFIX",
            value=text,
            cure="Give the prefix as it was registered, as oc4ids-bu3kcz, or leave it out.",
        )
    return text


def _port() -> int:
    """Read the port from the environment. Raises Malformed."""
    number = _number("LIFECYCLE_PORT", PORT)
    if number > HIGHEST_PORT or not number.is_integer():
        raise Malformed(
            code="invalid_value",
            field="LIFECYCLE_PORT",
            value=os.environ["LIFECYCLE_PORT"],
            cure=f"Set it to a whole number from 0 to {HIGHEST_PORT}, or leave it out.",
        )
    return int(number)


def _number(name: str, default: float) -> float:
    """Read a number of zero or more from the environment. Raises Malformed."""
    text = os.environ.get(name) or default
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < math.inf:
        raise Malformed(
            code="invalid_value",
            field=name,
            value=text,
            cure="Set it to a number of zero or more, or leave it out.",
        )
    return number
