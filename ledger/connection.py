"""Open connections that may only insert and select, and that plan the way the ledger needs."""

import os
import socket
from typing import Any

from psycopg import AsyncConnection, Connection
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow

from ledger.key_place import options_of

APPLICATION_ROLE = "ledger_app"

# One row for the role, if it exists and may be taken: where the database's
# owner may not create roles, the triggers alone guard the tables.
SET_ROLE = """
SELECT set_config('role', rolname, false) FROM pg_roles
WHERE rolname = %s AND pg_has_role(oid, 'MEMBER')
"""

_SET_PLANNING = """
SELECT
    -- Planned once: planning the writer's calls takes longer than running them.
    set_config('plan_cache_mode', 'force_generic_plan', false),
    -- A plan made while the ledger was small must not scan it when it is large.
    set_config('enable_seqscan', 'off', false),
    set_config('jit', 'off', false),
    -- A stopped process must not hold the writer's lock for ever.
    set_config('idle_in_transaction_session_timeout', '30s', false),
    -- What is acknowledged is durable, whatever the database's default.
    set_config('synchronous_commit', CASE current_setting('synchronous_commit')
        WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)
"""


_HELD_BYTES = 4 << 20


def understood(conninfo: str) -> str:
    """Say in a connection string in which letters and dates we are answered.

    Otherwise the environment, the database or its user may choose others, and a program that is
    spoken to in GBK finds nothing that it asks for.
    """
    options = f"{options_of(conninfo)} -c datestyle=ISO,MDY".strip()
    return make_conninfo(conninfo, client_encoding="UTF8", options=options)


def hold_more(connection: Connection[Any] | AsyncConnection[Any]) -> None:
    """Let the system hold more of what is sent, so that it is there when the server comes to it.

    Otherwise both sides wake each other for every few rows, which takes long where others work too.
    The system may allow less; over a network it finds the right amount by itself.
    """
    with socket.socket(fileno=os.dup(connection.fileno())) as channel:
        if channel.family == socket.AF_UNIX:
            channel.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _HELD_BYTES)


async def connect_writer(conninfo: str) -> AsyncConnection[TupleRow]:
    """Open a connection for appending."""
    connection = await AsyncConnection.connect(
        conninfo, autocommit=True, prepare_threshold=0, tcp_user_timeout=30_000
    )
    hold_more(connection)
    await connection.execute(SET_ROLE, [APPLICATION_ROLE])
    await connection.execute(_SET_PLANNING)
    return connection
