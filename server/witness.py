"""Serve a witness: a program of its own, with its own key and no database."""

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ledger.witness import Witness
from ledger.witness_request import LARGEST, PATH, SIZE_TYPE

KEY = "witness-key"


def witness_application(witness: Witness) -> Starlette:
    """Give the application that answers logs."""

    async def add(request: Request) -> Response:
        data = b""
        async for piece in request.stream():
            data += piece
            if len(data) > LARGEST:
                return PlainTextResponse("the request is too large\n", 413)
        reply = await run_in_threadpool(witness.add, data)
        text = reply.text if reply.text.endswith("\n") else f"{reply.text}\n"
        media_type = SIZE_TYPE if reply.is_size else "text/plain"
        return Response(text, int(reply.status), media_type=media_type)

    return Starlette(routes=[Route(PATH, add, methods=["POST"])])
