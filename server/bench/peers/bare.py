"""Serve finished JSON from one SQL statement a question and nothing else: the floor for anybody.

python -m server.bench.peers.bare CONNECTION SCHEMA PORT
"""

import sys
from collections.abc import Mapping

import orjson
import uvicorn
from api.database import Readers
from starlette.types import Receive, Scope, Send

from server.bench.peers.shapes import ASKED


def _listed(name: str, columns: str) -> str:
    return (
        f"(SELECT coalesce(json_agg(json_build_object({columns}) ORDER BY c.place), '[]')"
        f' FROM peer."{name}" c WHERE c."projectId" = p.id) AS "{name}"'
    )


def _named(*columns: str) -> str:
    return ", ".join(f"'{column}', c.\"{column}\"" for column in columns)


_MILESTONES = _listed("milestones", _named("node", "planned", "actual", "colour", "daysLate"))
_PERMITS = _listed("permits", _named("kind", "caseNo", "status", "department", "issuedOn"))
_EVALUATIONS = _listed(
    "postEvaluations", _named("id", "checkpoint", "completedOn", "total", "grade")
)
STATEMENTS = (
    f"""SELECT json_build_object('data', json_build_object('project', (SELECT row_to_json(r) FROM
        (SELECT p.id, p.title, p.region, p.phase, p.colour, {_MILESTONES}, {_PERMITS},
            {_EVALUATIONS} FROM peer.project p WHERE p.id = $1) r)))::text""",
    f"""SELECT json_build_object('data', json_build_object('projects',
        (SELECT coalesce(json_agg(r), '[]') FROM (SELECT p.id, p.title, p.region, {_MILESTONES}
        FROM (SELECT p.id, p.title, p.region FROM peer.project p
            WHERE p.region = $1 AND p.phase = 'CONSTRUCTION' ORDER BY p.id LIMIT 50) p
        ORDER BY p.id) r)))::text""",
    """SELECT json_build_object('data', json_build_object('board',
        (SELECT json_agg(b ORDER BY b.region) FROM peer.board b)))::text""",
    """SELECT json_build_object('data', json_build_object('flat', (SELECT json_agg(r) FROM
        (SELECT * FROM peer.project p ORDER BY p.id LIMIT 200) r)))::text""",
    """SELECT json_build_object('data', json_build_object('board',
        (SELECT json_agg(b ORDER BY b.region) FROM peer."keptBoard" b)))::text""",
)


class Bare:
    """The whole application."""

    def __init__(self, conninfo: str, schema: str) -> None:
        """Connect when the first question comes; read the relations of a schema."""
        self._readers = Readers(conninfo)
        self._statements: Mapping[str, bytes] = {
            shape.name: text.replace("peer.", f"{schema}.").encode()
            for shape, text in zip(ASKED, STATEMENTS, strict=True)
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whose body names the question and carries its values."""
        if scope["type"] != "http":
            return
        asked = orjson.loads((await receive())["body"])
        values = list(asked["variables"].values())
        async with self._readers.lend() as reader:
            body = await reader.text(self._statements[asked["query"]], values)
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body or b"")).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body or b""})


if __name__ == "__main__":
    connection, schema, port = sys.argv[1:]
    uvicorn.run(
        Bare(connection, schema),
        port=int(port),
        lifespan="off",
        access_log=False,
        log_level="warning",
    )
