"""A small web server for maps on this computer: nobody else can reach it, unless asked to."""

from __future__ import annotations

import sys
import threading
import webbrowser
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..errors import InputError
from ..web import is_own_name
from ..web.hosts import LOOPBACK as _HOST


class _Handler(SimpleHTTPRequestHandler):
    """Files of one folder, silently, to requests that name this computer (a guard against DNS rebinding)."""

    def send_head(self) -> Any:
        if not is_own_name(self.headers.get("Host", "")):
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
            return None
        return super().send_head()

    def list_directory(self, path: Any) -> None:  # noqa: ARG002
        self.send_error(HTTPStatus.NOT_FOUND)

    def end_headers(self) -> None:
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


class _Server(ThreadingHTTPServer):
    """A reader who closes the page while it loads is nothing to report."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class MapServer:
    """A running server; use it in a ``with`` statement, or call :meth:`close`.

    Parameters
    ----------
    target
        An HTML file, or a folder with an ``index.html`` or a single HTML file.
    port
        Port to listen on; 0 takes a free one.
    host
        Address to listen on. Whatever it is, only requests to this computer by its loopback names are answered: a
        container listens on all addresses, so that its published port leads here.

    Raises
    ------
    InputError
        When there is no such page or the address cannot be listened on.
    """

    def __init__(self, target: str | Path, port: int = 0, *, host: str = _HOST) -> None:
        page = _page(Path(target))
        try:
            self._server = _Server((host, port), partial(_Handler, directory=str(page.parent)))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise InputError(
                f"port {port} of {host} cannot be used ({reason})",
                field="port",
                remedy="Give another one, or 0 for a free one.",
            ) from error
        self.url = f"http://{_HOST}:{self._server.server_address[1]}/{quote(page.name)}"
        self._thread = threading.Thread(target=self._server.serve_forever, name="maps", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> MapServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def serve(target: str | Path, port: int = 0, *, host: str = _HOST, open_browser: bool = True) -> None:
    """Serve a map on localhost until Ctrl-C.

    Parameters
    ----------
    target
        An HTML file, or a folder with an ``index.html`` or a single HTML file.
    port
        Port to listen on; 0 takes a free one.
    host
        Address to listen on: see :class:`MapServer`.
    open_browser
        Whether to open the page in the user's browser.

    Raises
    ------
    InputError
        When there is no such page or the port is taken.
    """
    with MapServer(target, port, host=host) as server:
        print(f"Map at {server.url}  (Ctrl-C stops the server)", flush=True)
        if open_browser:
            webbrowser.open(server.url)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("\nServer stopped.", file=sys.stderr)


def _page(target: Path) -> Path:
    """The HTML file that is meant."""
    if target.is_file():
        return target
    if target.is_dir():
        pages = sorted(target.glob("*.html"))
        index = target / "index.html"
        if index in pages:
            return index
        if len(pages) == 1:
            return pages[0]
        found = f"{len(pages)} HTML files and no index.html" if pages else "no HTML file"
        raise InputError(f"the folder has {found}", file=target, remedy="Name the file to serve.")
    raise InputError("no such map", file=target, remedy="Write one with 'ems-twin map'.")
