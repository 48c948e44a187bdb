"""One process, one Datasette per release: a request is answered from one release, and none fails when it changes.

A new release is opened and warmed beside the old one, then takes over for the requests that come; the old one is
closed when its last request has ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import queue
import sqlite3
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeVar

import httpx
from datasette.app import Datasette
from datasette.database import Database, Results, WriteTask, connections

from archive.site import describe, downloads, headers, release
from archive.site.downloads import Downloads, Message, Receive, Scope, Send

T = TypeVar("T")
LOOK_SECONDS = 1.0
"""How often the link `current` is looked at."""

_FOUND = "rowid in (select rowid from articles_fts "
_heavy: ContextVar[bool] = ContextVar("heavy", default=False)


class ReleaseDatabase(Database):  # type: ignore[misc]  # Datasette has no types
    """A release's database, whose costly requests have threads of their own, so that pages never wait for them."""

    def __init__(self, datasette: Datasette, path: str, heavy: ThreadPoolExecutor) -> None:
        super().__init__(datasette, path, is_mutable=False)
        self._heavy = heavy

    async def execute(self, sql: str, *args: Any, **options: Any) -> Results:
        """Run a query. The table's own search is told to go by date, newest first, instead of by the words' row ids.

        SQLite takes every word for a rare one: a common one made it fetch and sort most articles to show twenty.
        """
        return await super().execute(sql.replace(f" {_FOUND}", f" +{_FOUND}"), *args, **options)

    async def execute_fn(self, fn: Callable[[Any], T]) -> T:
        """Run `fn` with a connection in a thread: of the costly kind where the request is."""

        threads = self._heavy if _heavy.get() else self.ds.executor
        return await asyncio.get_running_loop().run_in_executor(threads, lambda: fn(self._connection()))

    def _connection(self) -> sqlite3.Connection:
        """Return this thread's connection."""
        connection: sqlite3.Connection | None = getattr(connections, self.name, None)
        if connection is None:
            connection = self.connect()
            self.ds._prepare_connection(connection, self.name)
            setattr(connections, self.name, connection)
        return connection

    async def open_all(self) -> None:
        """Open the file in every thread, so that pruning the release cannot fail a request that is on its way."""
        loop = asyncio.get_running_loop()
        for threads in (self.ds.executor, self._heavy):
            together = threading.Barrier(threads._max_workers, timeout=30)

            def open_here(together: threading.Barrier = together) -> None:
                self._connection()
                together.wait()

            await asyncio.gather(*(loop.run_in_executor(threads, open_here) for _ in range(threads._max_workers)))


class Served:
    """One release, opened by one Datasette."""

    def __init__(
        self, folder: Path, metadata: dict[str, Any], settings: dict[str, Any], templates: Path | None
    ) -> None:
        self.id = folder.name
        inspected = folder / "inspect-data.json"
        self.datasette = Datasette(
            [],
            metadata=metadata,
            settings=settings,
            inspect_data=json.loads(inspected.read_text(encoding="utf-8")) if inspected.exists() else None,
            template_dir=str(templates) if templates else None,
        )
        self.datasette.remove_database("_memory")
        self._heavy = ThreadPoolExecutor(2, thread_name_prefix="heavy")
        self._database = ReleaseDatabase(self.datasette, str(folder / release.DATABASE), self._heavy)
        self.datasette.add_database(self._database, name=describe.DATABASE)
        self.app = self.datasette.client.app
        self.requests = 0

    async def warm(self) -> None:
        """Open all files and run the first request, which starts Datasette and its plugins, before anybody else's."""
        await self._database.open_all()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=self.app)) as client:
            reply = await client.get(f"http://localhost/{describe.DATABASE}.json")
            reply.raise_for_status()

    async def close(self) -> None:
        """End the release's threads and close its files."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        self.datasette.executor.shutdown()
        self._heavy.shutdown()
        for database in self.datasette.databases.values():
            if database._write_queue is not None:
                database._write_queue.put(WriteTask(_end_thread, None, queue.SimpleQueue()))
            database.close()


def _end_thread(connection: sqlite3.Connection) -> None:
    """End Datasette's writing thread of `_internal`, which else waits for ever and keeps the release in memory."""
    connection.close()
    sys.exit()


class Dispatcher:
    """The ASGI application: hands each request to the release that is current when it comes."""

    def __init__(
        self,
        releases: Path,
        metadata: dict[str, Any],
        settings: dict[str, Any],
        *,
        public: bool,
        templates: Path | None = None,
    ) -> None:
        self._releases = releases
        self._metadata, self._settings, self._templates = metadata, settings, templates
        self._public = public
        self._downloads = Downloads(releases)
        self._served: Served | None = None
        self._closing: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or live from the server's start to its end."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        served = self._served
        assert served is not None
        path: str = scope["path"]
        if scope["method"] not in ("GET", "HEAD"):
            await _plain(send, 405, "only GET and HEAD are answered here")
        elif path.startswith(downloads.PREFIX):
            await self._downloads(scope, receive, _securing(send, served.id, None))
        elif self._public and _internal(path):
            await _plain(send, 403, "internal pages are closed here")
        else:
            await self._from_release(served, scope, receive, send)

    async def _from_release(self, served: Served, scope: Scope, receive: Receive, send: Send) -> None:
        etag = None
        if self._public:
            scope = _anonymous(scope)
            etag = f'W/"{served.id}"'.encode()
            if (b"if-none-match", etag) in scope["headers"]:
                await _reply_unchanged(_securing(send, served.id, etag))
                return
        served.requests += 1
        heavy = _heavy.set(_costly(scope))
        try:
            await served.app(scope, receive, _securing(send, served.id, etag))
        finally:
            _heavy.reset(heavy)
            served.requests -= 1
            self._close_if_left(served)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self.look()
        except Exception as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        watch = asyncio.create_task(self._watch())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        watch.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watch
        await self.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def close(self) -> None:
        """Close every release that is open."""
        served, self._served = self._served, None
        if served is not None:
            await served.close()
        await asyncio.gather(*self._closing)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except Exception as error:  # a release that cannot be opened must not take the old one's readers down
                print(f"tintinh: the new release cannot be served, the old one stays: {error}", file=sys.stderr)

    async def look(self) -> None:
        """Open the current release if it is not the one served, and let it take over."""
        folder = release.current(self._releases)
        if folder is None or (self._served is not None and folder.name == self._served.id):
            return
        fresh = Served(folder, self._metadata, self._settings, self._templates)
        try:
            await fresh.warm()
        except BaseException:
            await fresh.close()
            raise
        old, self._served = self._served, fresh
        if old is not None:
            self._close_if_left(old)

    def _close_if_left(self, served: Served) -> None:
        if served is not self._served and served.requests == 0:
            task = asyncio.create_task(served.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)


def _internal(path: str) -> bool:
    return (path.startswith("/-/") and not path.startswith(("/-/static/", "/-/static-plugins/"))) or path.startswith(
        ("/_internal", "/_memory")
    )


def _costly(scope: Scope) -> bool:
    """Tell whether a request may be dear.

    That is anything a stranger composes on Datasette's own table and query pages, and the searches that read texts.
    """
    path, query = scope["path"], scope["query_string"]
    if path.endswith("/tim"):
        return b"exact=" in query or b"sort=" in query
    return bool(path.startswith(f"/{describe.DATABASE}") and query)


def _anonymous(scope: Scope) -> Scope:
    """Return the request without cookies and credentials: everybody gets the same page, so caches may keep it."""
    kept = [(name, value) for name, value in scope["headers"] if name not in (b"cookie", b"authorization")]
    return {**scope, "headers": kept}


def _securing(send: Send, release_id: str, etag: bytes | None) -> Send:
    """Return a `send` that adds the security headers, the release's id and, where given, its tag for caches."""

    async def secured(message: Message) -> None:
        if message["type"] == "http.response.start":
            have = [(bytes(name), bytes(value)) for name, value in message["headers"]]
            for_ever = any(name.lower() == b"cache-control" and b"immutable" in value for name, value in have)
            if etag is not None and not for_ever:
                have = [pair for pair in have if pair[0].lower() not in (b"set-cookie", b"vary", b"cache-control")]
                if message["status"] in (200, 304):
                    have += [(b"etag", etag), (b"cache-control", b"public, max-age=60")]
                else:
                    have.append((b"cache-control", b"no-cache"))
            message = {**message, "headers": [*headers.secured(have), (b"tintinh-release", release_id.encode())]}
        await send(message)

    return secured


async def _reply_unchanged(send: Send) -> None:
    await send({"type": "http.response.start", "status": 304, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def _plain(send: Send, status: int, line: str) -> None:
    body = f"{line}\n".encode()
    start = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers.secured(start)})
    await send({"type": "http.response.body", "body": body})
