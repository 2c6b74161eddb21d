"""Let the eventsourcing library work on the ledger.

Name this module as PERSISTENCE_MODULE. The library's own events, whose topics
are no kinds of ours, are stored as kind Opaque: their state in base64, their
version in the payload, since the ledger counts its streams itself. The
library's readers and subscriptions see every event of the ledger, in order.
"""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, TypedDict
from uuid import NAMESPACE_URL, UUID, uuid5

import orjson
from eventsourcing import postgres
from eventsourcing.persistence import (
    IntegrityError,
    InterfaceError,
    Notification,
    NotSupportedError,
    OperationalError,
    ProcessRecorder,
    ProgrammingError,
    StoredEvent,
)
from eventsourcing.utils import retry
from psycopg import Connection
from psycopg.rows import DictRow, tuple_row

from domain.canonical import exact_bytes
from domain.draft import Draft, source_key
from domain.envelope import Actor, Source, body_bytes
from domain.kinds import KINDS
from domain.receipt import Status
from domain.versions import version_key
from ledger.clock import Timekeeper, utc_now
from ledger.exchange import PUT, TAKE, put_values, standing
from ledger.group import Group
from ledger.key_place import keys_of
from ledger.migrate import migrate_connection
from ledger.reading import head_size
from ledger.rows import ROW_TYPES, row_types

OPAQUE = "Opaque"
_SYSTEM = "eventsourcing"
_ACTOR = Actor(id=_SYSTEM, org="ledger", role="application")
_EVERY = (1 << 63) - 1

_RETRIED = (InterfaceError, OperationalError)
_SELECT = "SELECT e.position, e.stream, e.version, e.kind, e.bytes FROM ledger.events AS e "
# Of an Opaque event the record's version is the library's version of its aggregate.
_STREAM = _SELECT + (
    "WHERE e.stream = ANY (%s) AND CASE WHEN e.kind = 'Opaque' THEN e.record_version::bigint "
    "ELSE e.version END BETWEEN %s AND %s ORDER BY e.version "
)
_NOTIFICATIONS = _SELECT + (
    "WHERE e.position BETWEEN %s AND %s AND (%s::text[] IS NULL OR CASE WHEN e.kind = 'Opaque' "
    "THEN convert_from(e.bytes, 'UTF8')::json #>> '{body,payload,topic}' ELSE e.kind END "
    "= ANY (%s)) ORDER BY e.position LIMIT %s"
)


class _Stored(TypedDict):
    """What the library's events are made of."""

    originator_id: UUID | str
    originator_version: int
    topic: str
    state: bytes


class LedgerRecorder(postgres.PostgresApplicationRecorder):
    """The library's door to the ledger; facts of our own kinds come in by the other one."""

    def __init__(
        self, datastore: postgres.PostgresDatastore, *, events_table_name: str = "stored_events"
    ) -> None:
        """Record in the ledger, whatever the name of the table would have been."""
        super().__init__(datastore, events_table_name=events_table_name)
        self.channel_name = "ledger"
        self._timekeeper = Timekeeper(utc_now, replayed=False)

    def create_table(self) -> None:
        """Migrate the ledger instead of creating tables of the library's."""
        with self.datastore.get_connection() as connection:
            migrate_connection(connection)

    @retry(_RETRIED, max_attempts=10, wait=0.2)
    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        """Append all of the library's events, or none. Raises its IntegrityError."""
        drafts = [_draft(event) for event in stored_events]
        if not drafts:
            return None
        with self.datastore.get_connection() as connection, connection.transaction():
            return self._append(connection, drafts)

    def _append(self, connection: Connection[DictRow], drafts: Sequence[Draft]) -> list[int]:
        """Append within the transaction, as the ledger's writer does."""
        with connection.cursor(binary=True, row_factory=tuple_row) as cursor:
            timeout = f"{self.datastore.lock_timeout}s"
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [timeout])
            types = row_types(cursor.execute(ROW_TYPES).fetchall())
            streams = list({draft.stream: None for draft in drafts})
            keys = list({draft.source_key: None for draft in drafts})
            [row] = cursor.execute(TAKE, [streams, keys], prepare=True).fetchall()
            group = Group(standing(streams, row), {}, drafts, keys_of(connection))
            moment = self._timekeeper.begin(group.last_recorded_at)
            receipts = [group.add(draft, moment(draft)) for draft in drafts]
            for draft, receipt in zip(drafts, receipts, strict=True):
                if receipt.status is not Status.ACCEPTED:
                    message = f"{draft.source_key}: {receipt.cure or 'is recorded already'}"
                    raise IntegrityError(message)
            group.close_head()
            cursor.execute(PUT, put_values(group, types))
        return list(range(group.began_at + 1, group.size + 1))

    @retry(_RETRIED, max_attempts=10, wait=0.2)
    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Read an aggregate of the library's, or a stream of the ledger's by its name."""
        statement = _STREAM + ("DESC " if desc else "ASC ") + "LIMIT %s"
        values = [
            [_stream(originator_id), str(originator_id), f"project/{originator_id}"],
            -1 if gt is None else gt + 1,
            _EVERY if lte is None else lte,
            limit,
        ]
        return [StoredEvent(**self._stored(row)) for row in self._rows(statement, values)]

    @retry(_RETRIED, max_attempts=10, wait=0.2)
    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Read the ledger in order; the topic of our own facts is their kind."""
        first = 0 if start is None else start + (not inclusive_of_start)
        wanted = list(topics) or None
        values = [first, _EVERY if stop is None else stop, wanted, wanted, limit]
        return [
            Notification(id=row[0], **self._stored(row))
            for row in self._rows(_NOTIFICATIONS, values)
        ]

    @retry(_RETRIED, max_attempts=10, wait=0.2)
    def max_notification_id(self) -> int | None:
        """Give the last position, or None while there is none."""
        with self.datastore.get_connection() as connection:
            return head_size(connection) or None

    def _rows(self, statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        with (
            self.datastore.get_connection() as connection,
            connection.cursor(binary=True, row_factory=tuple_row) as cursor,
        ):
            return cursor.execute(statement.encode(), values, prepare=True).fetchall()

    def _stored(self, row: tuple[Any, ...]) -> _Stored:
        """Give an event as it came in: a foreign one unwrapped, one of ours as its bytes."""
        _, stream, version, kind, data = row
        if kind == OPAQUE:
            payload = orjson.loads(data)["body"]["payload"]
            return {
                "originator_id": self._originator(payload["originator_id"]),
                "originator_version": payload["originator_version"],
                "topic": payload["topic"],
                "state": b64decode(payload["state"]),
            }
        return {
            "originator_id": self._originator(stream),
            "originator_version": version,
            "topic": kind,
            "state": data,
        }

    def _originator(self, name: str) -> UUID | str:
        """Give an id of the type that the library was set up for."""
        if self.datastore.originator_id_type == "text":
            return name
        try:
            return UUID(name.removeprefix("project/"))
        except ValueError:
            return uuid5(NAMESPACE_URL, name)


class LedgerFactory(postgres.PostgresFactory):
    """Makes the library's applications record in the ledger."""

    application_recorder_class = LedgerRecorder

    def process_recorder(self) -> ProcessRecorder:
        """Refuse: its events would lie beside the ledger."""
        message = "a process application cannot record in the ledger; follow it with a projection"
        raise NotSupportedError(message)


def _stream(originator_id: UUID | str) -> str:
    return f"opaque/{originator_id}"


def _draft(event: StoredEvent) -> Draft:
    """Wrap one of the library's events."""
    if event.topic in KINDS:
        message = f"{event.topic} is a kind of the ledger's; append it as a fact"
        raise ProgrammingError(message)
    record = f"{event.originator_id}/{event.originator_version}"
    identifier = str(uuid5(NAMESPACE_URL, f"opaque:{record}"))
    version = str(event.originator_version)
    body = body_bytes(
        id=identifier,
        schema_version=1,
        occurred_on=utc_now().isoformat(timespec="seconds"),
        actor=_ACTOR,
        source=Source(system=_SYSTEM, record_id=record, record_version=version),
        payload=exact_bytes(
            {
                "originator_id": str(event.originator_id),
                "originator_version": event.originator_version,
                "state": b64encode(event.state).decode(),
                "topic": event.topic,
            }
        ),
        request_id=identifier,
    )
    return Draft(
        id=identifier,
        kind=OPAQUE,
        stream=_stream(event.originator_id),
        body=body,
        source_key=source_key(_SYSTEM, record),
        record_version=version,
        version_key=version_key(version),
        content_digest=sha256(body).digest(),
        corrects=None,
        names=(),
        aliases=(),
        mentions=(),
        expected_version=None,
        recorded_at=None,
    )
