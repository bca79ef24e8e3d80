import time

import postgres_server
import pytest

from ems_twin.feeds.journal import open_journal


@pytest.fixture(scope="session")
def postgres():
    """URL of a server of our own."""
    why_not = postgres_server.why_not()
    if why_not is not None:
        pytest.skip(why_not)
    psycopg = pytest.importorskip("psycopg")
    with postgres_server.server() as url:
        until = time.monotonic() + 20
        while True:
            try:
                psycopg.connect(url).close()
                break
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def where(request, tmp_path):
    """Where a new, empty journal goes: a file, then a server."""
    if request.param == "sqlite":
        return tmp_path / "journal.sqlite"
    url = request.getfixturevalue("postgres")
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS ems_twin_journal CASCADE")
    return url


@pytest.fixture
def journal(where):
    with open_journal(where) as opened:
        yield opened
