"""`lifecycle witness`: cosign the checkpoints of ledgers, for those who trust no single ledger."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from ledger.key_file import KeyFile
from ledger.note import Algorithm, Verifier
from ledger.witness import Witness
from server.serving import PatientServer, listening
from server.settings import HIGHEST_PORT, LOOPBACK
from server.stopping import Stopped
from server.terminal import AsJson, err, print_json
from server.witness import KEY, witness_application

_PORT = 8010


def witness(
    *,
    folder: Annotated[Path, typer.Argument(help="Where its key, state and evidence lie.")],
    name: Annotated[str, typer.Option(help="Its name in cosignatures, as audit.example/witness.")],
    log: Annotated[
        list[str], typer.Option(help="The verifier key of a ledger; may be given again.")
    ],
    host: Annotated[str, typer.Option(help="The address to listen on.")] = LOOPBACK,
    port: Annotated[int, typer.Option(min=0, max=HIGHEST_PORT, help="0 takes any.")] = _PORT,
    as_json: AsJson = False,
) -> None:
    """Cosign what continues the history seen before, refuse the rest, and keep the evidence.

    It speaks C2SP tlog-witness and needs no database. Its key is made at the first start.
    """
    logs = [Verifier.parse(text) for text in log]
    signer = KeyFile(folder / KEY).create(name, Algorithm.COSIGNATURE)
    application = witness_application(Witness(signer, logs, folder))
    with listening(host, port) as listener:
        address = f"http://{host}:{listener.getsockname()[1]}"
        if as_json:
            print_json({"address": address, "verifier_key": signer.verifier.text})
        else:
            err.print(f"Witness at {address} with the key {signer.verifier.text}")
        config = uvicorn.Config(application, log_level="warning", access_log=False)
        with suppress(Stopped):
            PatientServer(config).run(sockets=[listener])
