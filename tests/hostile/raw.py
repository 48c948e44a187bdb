"""A server that sends whatever bytes a case wants, when it wants to."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Asked:
    """One request of the log; `at` is monotonic seconds."""

    at: float
    target: str
    head: str


class Talk:
    """One connection after its request has been read: a case writes to it and may be as slow as it likes."""

    def __init__(self, connection: socket.socket, asked: Asked, closing: threading.Event) -> None:
        self.asked = asked
        self._connection = connection
        self._closing = closing

    def send(self, data: bytes) -> None:
        self._connection.sendall(data)

    def wait(self, seconds: float) -> None:
        if self._closing.wait(seconds):
            raise OSError("the server is closing")

    def reset(self) -> None:
        """Close so that the client gets a RST."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._connection.close()


Answer = Callable[[Talk], None]


@dataclass
class RawServer:
    """Answers by path (`routes`, without the query), else with `fallback`; `log` holds every request.

    With `tls` it speaks nothing else, and its portal's address has the `name` of its certificate.
    """

    routes: Mapping[str, Answer]
    fallback: Answer | None = None
    log: list[Asked] = field(default_factory=list)
    address: str = "127.0.0.1"
    port: int = 0
    connections: int = 0
    tls: ssl.SSLContext | None = None
    name: str = ""

    @contextmanager
    def running(self) -> Iterator[RawServer]:
        family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((self.address, self.port))
        listening.listen(64)
        self.port = listening.getsockname()[1]
        closing = threading.Event()
        thread = threading.Thread(target=self._accept, args=(listening, closing), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            closing.set()
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            listening.close()
            thread.join()

    @property
    def base_url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.name or self.address}:{self.port}"

    def _accept(self, listening: socket.socket, closing: threading.Event) -> None:
        while not closing.is_set():
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._converse, args=(connection, closing), daemon=True).start()

    def _converse(self, connection: socket.socket, closing: threading.Event) -> None:
        with connection, suppress(OSError):
            connection.settimeout(20)
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
            head = b""
            while b"\r\n\r\n" not in head:
                more = connection.recv(65536)
                if not more:
                    return
                head += more
            text = head.decode("latin-1")
            target = text.split(" ", 2)[1]
            asked = Asked(time.monotonic(), target, text)
            self.log.append(asked)
            answer = self.routes.get(target.partition("?")[0], self.fallback)
            (answer or missing)(Talk(connection, asked, closing))


def whole(
    body: bytes,
    content_type: str = "text/html; charset=utf-8",
    status: str = "200 OK",
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """An honest reply, unless `headers` lie."""
    lines = {"Content-Type": content_type, "Content-Length": str(len(body)), "Connection": "close", **(headers or {})}
    head = f"HTTP/1.1 {status}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)

    def answer(talk: Talk) -> None:
        talk.send(head.encode("latin-1") + b"\r\n" + body)

    return answer


def literal(data: bytes) -> Answer:
    """Exactly these bytes, then the connection closes."""

    def answer(talk: Talk) -> None:
        talk.send(data)

    return answer


missing = whole(b"<html><body>404</body></html>", status="404 Not Found")


def redirect(location: str | bytes, status: str = "302 Found") -> Answer:
    target = location.encode("utf-8") if isinstance(location, str) else location
    head = f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\nLocation: "
    return literal(head.encode() + target + b"\r\n\r\n")
