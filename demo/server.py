"""A small loopback web server that writes down every request it gets."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Request:
    """One request as it came: `target` is path and query byte for byte, `headers` by lower-case name."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        """The path, still %-encoded."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The last value of every query parameter."""
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.target).query).items()}

    @property
    def form(self) -> dict[str, str]:
        """The last value of every field of a posted form."""
        fields = parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True)
        return {name: values[-1] for name, values in fields.items()}


@dataclass(frozen=True)
class Reply:
    """What a portal answers."""

    body: bytes | str
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Hit:
    """One line of the request log; `at` in seconds of the monotonic clock, when the request had been read."""

    at: float
    method: str
    target: str
    status: int
    user_agent: str
    headers: Mapping[str, str] = field(repr=False)
    body: str = field(repr=False, default="")
    finished: float = 0.0

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]


class LoopbackServer:
    """Serves `respond` on a port of 127.0.0.1 (0: a free one) from a thread; a context manager.

    `log` holds every request in order. A raising `respond` answers 500, as a broken portal would.
    """

    def __init__(self, respond: Callable[[Request], Reply], port: int = 0, address: str = "127.0.0.1") -> None:
        self.log: list[Hit] = []
        self._respond = respond
        self._server = _Server((address, port), _handler_of(self))
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def netloc(self) -> str:
        """`127.0.0.1:port`."""
        return f"{self._server.server_address[0]!s}:{self.port}"

    def answer(self, request: Request) -> Reply:
        """Answer one request and log it."""
        at = time.monotonic()
        try:
            reply = self._respond(request)
        except Exception:
            self._keep(request, 500, at)
            raise
        self._keep(request, reply.status, at)
        return reply

    def _keep(self, request: Request, status: int, at: float) -> None:
        agent = request.headers.get("user-agent", "")
        body = request.body.decode("utf-8", "replace")
        hit = Hit(at, request.method, request.target, status, agent, request.headers, body, time.monotonic())
        self.log.append(hit)

    def __enter__(self) -> LoopbackServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that hung up."""


def _handler_of(server: LoopbackServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "Microsoft-IIS/8.5"
        sys_version = ""
        timeout = 30

        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, self.path, headers, self.rfile.read(length))
            try:
                reply = server.answer(request)
            except Exception as error:
                reply = Reply(f"Server Error in '/' Application. {type(error).__name__}: {error}", 500, "text/plain")
            body = reply.body.encode() if isinstance(reply.body, str) else reply.body
            self.send_response(reply.status)
            if reply.status != 304:
                self.send_header("Content-Type", reply.content_type)
                self.send_header("Content-Length", str(len(body)))
            for name, value in reply.headers:
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD" and reply.status != 304:
                self.wfile.write(body)

        do_GET = do_POST = do_HEAD = _serve

        def log_message(self, format: str, *args: object) -> None:
            """Keep the terminal quiet; the log is `LoopbackServer.log`."""

    return Handler
