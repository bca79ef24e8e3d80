"""Serve an application on this computer until Ctrl-C."""

from __future__ import annotations

import json
import socket
import sys
import threading
import webbrowser
from typing import Any

from ..errors import InputError
from .hosts import LOOPBACK

_ENDS_S = 10.0
_CONNECTIONS = 200  # at a time; a browser keeps six


def listen(port: int = 0) -> socket.socket:
    """A socket on this computer that nobody else can reach.

    Raises
    ------
    InputError
        The port is taken or forbidden.
    """
    own = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":
            own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        own.bind((LOOPBACK, port))
    except (OSError, OverflowError) as error:
        own.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(
            f"port {port} of {LOOPBACK} cannot be used ({reason})", field="port",
            remedy="Give another one, or 0 for a free one.",
        ) from error  # fmt: skip
    return own


class AppServer:
    """An application that is served in a thread of its own; use it in a ``with`` statement.

    Parameters
    ----------
    app
        An ASGI application, behind a :class:`~.guard.Guard`.
    port
        Port to listen on; 0 takes a free one.

    Raises
    ------
    InputError
        The port cannot be used.
    """

    def __init__(self, app: Any, port: int = 0) -> None:
        import uvicorn

        self._socket = listen(port)
        self.url = f"http://{LOOPBACK}:{self._socket.getsockname()[1]}/"
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, server_header=False, proxy_headers=False, ws="none",
            limit_concurrency=_CONNECTIONS, timeout_graceful_shutdown=1,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._over = threading.Event()  # a join that Ctrl-C interrupts takes a thread for ended that is not
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._over.set()

    def __enter__(self) -> AppServer:
        self._thread.start()
        return self

    def wait(self) -> None:
        """Return when the server has ended."""
        while not self._over.wait(0.2):
            pass

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._over.wait(_ENDS_S)
        self._socket.close()


def serve(app: Any, port: int = 0, *, what: str = "Page", open_browser: bool = True, as_json: bool = False) -> None:
    """Serve an application until Ctrl-C.

    Parameters
    ----------
    app
        An ASGI application, behind a :class:`~.guard.Guard`.
    port
        Port to listen on; 0 takes a free one.
    what
        What it is, for the terminal.
    open_browser
        Whether to open its page.
    as_json
        Whether its address is printed as JSON, for programs.

    Raises
    ------
    InputError
        The port cannot be used.
    """
    with AppServer(app, port) as server:
        told = json.dumps({"url": server.url}) if as_json else f"{what} at {server.url}  (Ctrl-C stops it)"
        print(told, flush=True)
        if open_browser:
            webbrowser.open(server.url)
        try:
            server.wait()
        except KeyboardInterrupt:
            print("\nStopped.", file=sys.stderr)
