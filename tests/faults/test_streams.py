"""Streams of lines are answered while they are sent, and accounted for however they end."""

import json
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from typing import Any

from tests.faults.program import Server, wait_until
from tests.intake.events import delivered, registration

HEAD = (
    "POST /events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {}\r\n"
    "Content-Type: application/x-ndjson\r\nAccept: application/x-ndjson\r\n"
    "Ledger-Batch: {}\r\nTransfer-Encoding: chunked\r\n\r\n"
)


def line(fact: Any) -> bytes:
    return json.dumps(fact).encode() + b"\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


@contextmanager
def streaming(server: Server, batch: str) -> Iterator[socket.socket]:
    """Open a connection on which a request has begun."""
    host, port = server.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(HEAD.format(server.token, batch).encode())
        yield connection


def receipts_in(data: bytes) -> list[Any]:
    """Give the receipts in what has been received so far of a chunked answer."""
    return [json.loads(part) for part in data.split(b"\n") if part.startswith(b'{"index"')]


def read_receipts(connection: socket.socket, count: int) -> list[Any]:
    received = b""
    while len(receipts_in(received)) < count:
        piece = connection.recv(65536)
        assert piece, received
        received += piece
    return receipts_in(received)


def batch_of(server: Server, name: str) -> Any:
    with server.client() as client:
        answer = client.get(f"/batches/{name}")
        return answer.json() if answer.status_code == 200 else None


def test_each_line_is_answered_before_the_next_is_sent(common_server, project):
    with streaming(common_server, f"stream-{project}") as connection:
        connection.sendall(chunk(line(registration(f"{project}-r", subject=f"project/{project}"))))
        [first] = read_receipts(connection, 1)
        fact = delivered(f"{project}-d", subject=f"project/{project}")
        connection.sendall(chunk(line(fact)))
        [second] = read_receipts(connection, 1)
        connection.sendall(b"0\r\n\r\n")

        assert (first["index"], first["status"]) == (0, "accepted")
        assert (second["index"], second["status"]) == (1, "accepted")
        assert wait_until(
            lambda: batch_of(common_server, f"stream-{project}")["state"] == "complete", "end"
        )


def test_a_connection_that_breaks_leaves_every_whole_line_accounted_for(common_server, project):
    name = f"broken-{project}"
    whole = [registration(f"{project}-r", subject=f"project/{project}")]
    whole += [delivered(f"{project}-{n}", subject=f"project/{project}") for n in range(3)]
    with streaming(common_server, name) as connection:
        connection.sendall(chunk(b"".join(map(line, whole)) + line(whole[0])[:50]))
        read_receipts(connection, 4)

    wait_until(lambda: batch_of(common_server, name)["state"] == "broken", "account")
    found = batch_of(common_server, name)
    assert (found["rows"], found["accepted"]) == (4, 4)
    with common_server.client() as client:
        again = client.post(
            "/events",
            content=b"".join(map(line, whole)),
            headers={"Content-Type": "application/x-ndjson"},
        ).json()
    assert [one["status"] for one in again["receipts"]] == ["duplicate"] * 4


def test_a_sender_who_reads_nothing_until_the_end_blocks_nobody(common_server, project):
    count = 30_000
    with streaming(common_server, f"deaf-{project}") as connection:
        for _ in range(count // 10_000):
            connection.sendall(chunk(b"{}\n" * 10_000))
        connection.sendall(b"0\r\n\r\n")
        answer = HTTPResponse(connection)
        answer.begin()
        receipts = answer.read().splitlines()

    assert len(receipts) == count
    assert json.loads(receipts[-1])["index"] == count - 1
    assert batch_of(common_server, f"deaf-{project}")["rejected"] == count


def curl(server: Server, *arguments: str, body: bytes = b"") -> list[Any]:
    """Run curl as the examples do and give the JSON lines it wrote."""
    answered = subprocess.run(
        [
            *("curl", "-sS", "--fail", f"{server.address}/events"),
            *("-H", f"Authorization: Bearer {server.token}", *arguments),
        ],
        input=body,
        capture_output=True,
        check=True,
        timeout=30,
    )
    return [json.loads(one) for one in answered.stdout.splitlines()]


def test_curl_sends_one_event_and_streams_lines(common_server, project):
    fact = registration(f"{project}-r", subject=f"project/{project}")
    [answer] = curl(
        common_server,
        *("-H", "Content-Type: application/cloudevents+json", "-d", json.dumps(fact)),
    )
    lines = curl(
        common_server,
        *("-H", "Content-Type: application/x-ndjson", "-H", "Accept: application/x-ndjson"),
        *("-T", "-", "-X", "POST"),
        body=line(fact) + line(delivered(f"{project}-d", subject=f"project/{project}")),
    )

    assert [one["status"] for one in answer["receipts"]] == ["accepted"]
    assert [one["status"] for one in lines] == ["duplicate", "accepted"]
