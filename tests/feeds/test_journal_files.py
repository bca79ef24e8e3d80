"""The file of a journal: what opens, what is refused, how an old one is brought up to date, and a copy."""

import sqlite3

import pytest
from made_up_messages import message, position

from ems_twin.feeds.journal import DatabaseUnavailableError, JournalError, open_journal, schema
from ems_twin.feeds.journal.sqlite import SqliteDatabase


def test_commits_are_forced_to_the_disk(tmp_path):
    database = SqliteDatabase(tmp_path / "j.sqlite")
    assert database.query("PRAGMA journal_mode") == [("wal",)]
    assert database.query("PRAGMA synchronous") == [(2,)]
    database.close()


def test_a_file_of_something_else_is_refused(tmp_path):
    with sqlite3.connect(tmp_path / "other.sqlite") as other:
        other.execute("CREATE TABLE t (a)")
    other.close()
    with pytest.raises(JournalError, match="something else"):
        open_journal(tmp_path / "other.sqlite")
    (tmp_path / "text").write_text("this is no database at all, " * 100)
    with pytest.raises(JournalError, match="no journal or damaged"):
        open_journal(tmp_path / "text")


def test_a_damaged_file_is_refused_with_what_to_do(tmp_path):
    file = tmp_path / "j.sqlite"
    with open_journal(file) as journal:
        journal.append([message(f"m{i}", *(position(f"u{i}-{k}", i) for k in range(20))) for i in range(50)])
    raw = bytearray(file.read_bytes())
    raw[8192:40960] = bytes(40960 - 8192)
    file.write_bytes(raw)
    with pytest.raises(JournalError, match=r"damaged.*Move it away"):
        open_journal(file)


def test_reading_needs_a_journal(tmp_path):
    with pytest.raises(JournalError, match="no such journal"):
        open_journal(tmp_path / "none.sqlite", read_only=True)
    with pytest.raises(JournalError, match="'mysql' is no kind"):
        open_journal("mysql://there")
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="cannot be opened"):
        open_journal(tmp_path / "file" / "j.sqlite")


def test_a_journal_of_a_newer_program_is_refused(tmp_path):
    file = tmp_path / "j.sqlite"
    open_journal(file).close()
    with sqlite3.connect(file) as raw:
        raw.execute("UPDATE about SET value = '99' WHERE name = 'version'")
    raw.close()
    for read_only in (False, True):
        with pytest.raises(JournalError, match=r"newer program.*upgrade"):
            open_journal(file, read_only=read_only)


def test_an_older_journal_is_brought_up_to_date(tmp_path, monkeypatch):
    file = tmp_path / "j.sqlite"
    with open_journal(file) as journal:
        journal.append([message("m1", position("a", 0))])
    step = lambda words: (f"ALTER TABLE event ADD COLUMN extra {words.integer}",)  # noqa: E731
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, step))
    with open_journal(file) as journal:
        assert journal.position == 1
    with sqlite3.connect(file) as raw:
        assert raw.execute("SELECT extra FROM event").fetchall() == [(None,)]
        assert raw.execute("SELECT value FROM about WHERE name = 'version'").fetchone() == ("2",)
    raw.close()


def test_a_step_that_fails_leaves_the_old_tables(tmp_path, monkeypatch):
    file = tmp_path / "j.sqlite"
    open_journal(file).close()
    steps = (*schema.MIGRATIONS, lambda _: ("CREATE TABLE extra (a)", "this is no statement"))
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", steps)
        with pytest.raises(JournalError, match="cannot be used now"):
            open_journal(file)
    with open_journal(file) as journal:
        assert journal.append([message("m1", position("a", 0))])[0].events == 1


def test_another_program_that_holds_the_file_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("ems_twin.feeds.journal.sqlite.BUSY_MS", 50)
    file = tmp_path / "j.sqlite"
    with open_journal(file) as journal:
        holder = sqlite3.connect(file, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseUnavailableError, match="locked"):
            journal.append([message("m1", position("a", 0))])
        holder.execute("ROLLBACK")
        holder.close()
        assert journal.append([message("m1", position("a", 0))])[0].events == 1


def test_a_full_disk_is_told_and_loses_nothing_that_was_there(tmp_path):
    with open_journal(tmp_path / "j.sqlite") as journal:
        journal.append([message("m1", position("a", 0))])
        pages = journal._database.query("PRAGMA page_count")[0][0]
        journal._database.query(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(DatabaseUnavailableError, match="full"):
            journal.append([message("big", *(position(f"u{i}", i) for i in range(2000)))])
        journal._database.query("PRAGMA max_page_count = 1000000")
        assert journal.position == 1
        assert journal.append([message("big", position("b", 0))])[0].events == 1


def test_a_copy_is_a_journal(tmp_path):
    with open_journal(tmp_path / "j.sqlite") as journal:
        journal.append([message("m1", position("a", 0))])
        journal.back_up(tmp_path / "copies" / "copy.sqlite")
    with open_journal(tmp_path / "copies" / "copy.sqlite") as copy:
        assert copy.position == 1


def test_a_server_that_was_away_is_found_again(postgres):
    import psycopg

    with psycopg.connect(postgres, autocommit=True) as other:
        other.execute("DROP SCHEMA IF EXISTS ems_twin_journal CASCADE")
        with pytest.raises(JournalError, match="no tables yet"):
            open_journal(postgres, read_only=True)
        with open_journal(postgres) as journal:
            journal.append([message("m1", position("a", 0))])
            other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ems_twin'")
            with pytest.raises(DatabaseUnavailableError):
                journal.append([message("m2", position("a", 1))])
            assert journal.append([message("m2", position("a", 1))])[0].outcome == "new"
            assert journal.position == 2


def test_a_server_that_is_not_there_is_told_without_the_password():
    pytest.importorskip("psycopg")
    with pytest.raises(JournalError, match="cannot be reached") as caught:
        open_journal("postgresql://twin:hunter2@127.0.0.1:1/none")
    assert "hunter2" not in str(caught.value)


def test_a_server_makes_its_own_copies(postgres, tmp_path):
    with open_journal(postgres) as journal, pytest.raises(JournalError, match="pg_dump"):
        journal.back_up(tmp_path / "copy")
