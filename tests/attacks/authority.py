"""A time authority on this machine: OpenSSL stamps, a small server answers."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_CONFIGURATION = """
[ req ]
distinguished_name = nobody
[ nobody ]
[ tsa ]
default_tsa = own
[ own ]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
ess_cert_id_chain = no
tsa_name = no
[ stamping ]
extendedKeyUsage = critical,timeStamping
[ root ]
basicConstraints = critical,CA:true
"""


class Authority:
    """The keys of an authority, and its answers."""

    def __init__(self, folder: Path) -> None:
        """Make a root and a certificate that may stamp."""
        self.folder = folder
        folder.mkdir()
        (folder / "serial").write_text("01\n")
        (folder / "configuration").write_text(_CONFIGURATION.format(folder=folder))
        new = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"]
        own = ["-config", "configuration"]
        self._run(
            *new, "-x509", "-days", "30", "-subj", "/CN=root", "-extensions", "root", *own,
            "-keyout", "root.key", "-out", "root.pem",
        )  # fmt: skip
        self._run(*new, "-subj", "/CN=tsa", *own, "-keyout", "tsa.key", "-out", "tsa.csr")
        self._run(
            "x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key",
            "-CAcreateserial", "-days", "30", "-extfile", "configuration",
            "-extensions", "stamping", "-out", "tsa.pem",
        )  # fmt: skip

    @property
    def root(self) -> Path:
        """Give the file of the root certificate."""
        return self.folder / "root.pem"

    def answer(self, request: bytes) -> bytes:
        """Stamp."""
        (self.folder / "query").write_bytes(request)
        self._run(
            "ts", "-reply", "-config", "configuration", "-queryfile", "query",
            "-signer", "tsa.pem", "-inkey", "tsa.key", "-out", "reply",
        )  # fmt: skip
        return (self.folder / "reply").read_bytes()

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Answer over HTTP for the length of a `with`, and give the address."""
        answer = self.answer

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                data = answer(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def _run(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)
