"""A PostgreSQL server of our own for as long as a test needs it."""

import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path


def why_not():
    """Why no server can be started here; None if one can."""
    missing = [name for name in ("initdb", "postgres") if _binary(name) is None]
    if missing:
        return f"needs PostgreSQL's {' and '.join(missing)}"
    if os.geteuid() == 0 and _user() is None:
        return "PostgreSQL does not run as root and there is no user postgres"
    return None


@contextmanager
def server():
    """URL of a server that listens on a socket in its own folder."""
    with tempfile.TemporaryDirectory(prefix="ems-twin-pg-") as folder:
        user = _user()
        who = {} if user is None else {"user": user}
        if user is not None:
            shutil.chown(folder, user)
        data = Path(folder) / "data"
        subprocess.run(
            [_binary("initdb"), "-D", data, "-U", "twin", "-A", "trust", "--no-sync", "--no-instructions"],
            check=True, capture_output=True, cwd=folder, **who,
        )  # fmt: skip
        process = subprocess.Popen(
            [_binary("postgres"), "-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"],
            stderr=subprocess.DEVNULL, cwd=folder, **who,
        )  # fmt: skip
        try:
            yield f"postgresql://twin@/postgres?host={folder}"
        finally:
            process.terminate()
            process.wait(20)


def _binary(name):
    found = shutil.which(name)
    if found is None:
        found = next(iter(sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)), None)
    return found


def _user():
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        return None
