"""Replays a recorded portal (WARC) on a loopback port, as it answered; addresses in its pages follow the port."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator

_SKIPPED = {"content-length", "transfer-encoding", "content-encoding", "connection"}


class Replay:
    """Serves every recorded address; the first record of one wins. `log` holds the targets asked for."""

    def __init__(self, recording: Path, origin: str) -> None:
        self.log: list[str] = []
        self.unknown: list[str] = []
        self._replies: dict[str, tuple[int, list[tuple[str, str]], bytes]] = {}
        with recording.open("rb") as stream:
            for record in ArchiveIterator(stream):
                if record.rec_type != "response":
                    continue
                parts = urlsplit(record.rec_headers.get_header("WARC-Target-URI"))
                target = parts.path + (f"?{parts.query}" if parts.query else "")
                self._replies.setdefault(
                    target,
                    (
                        int(record.http_headers.get_statuscode()),
                        record.http_headers.headers,
                        record.content_stream().read(),
                    ),
                )
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        here = f"127.0.0.1:{self._server.server_address[1]}"
        self.base_url = f"http://{here}"
        self._origin, self._here = origin, here

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        replay = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                replay.log.append(self.path)
                status, headers, body = replay._replies.get(self.path, (404, [("Content-Type", "text/html")], b"?"))
                if self.path not in replay._replies:
                    replay.unknown.append(self.path)
                body = body.replace(replay._origin.encode(), replay._here.encode())
                self.send_response(status)
                for name, value in headers:
                    if name.lower() not in _SKIPPED:
                        self.send_header(name, value.replace(replay._origin, replay._here))
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
