import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from reelroom.store.database import open_database
from reelroom.store.errors import (
    DamagedDatabase,
    DatabaseBusy,
    DatabaseGone,
    NewerDatabase,
    NotWritable,
    StoreError,
)
from reelroom.store.migrate import Migration, shipped, statements
from reelroom.store.opening import connect
from reelroom.store.records import Job
from reelroom.store.store import open_store

ONE = Migration(1, "PRAGMA application_id = 1382376812;\nCREATE TABLE thing (name TEXT NOT NULL);\n")
TWO = Migration(2, "ALTER TABLE thing ADD COLUMN size INTEGER NOT NULL DEFAULT 7;\n")
BROKEN = Migration(2, "CREATE TABLE other (name TEXT);\nINSERT INTO nowhere VALUES (1);\n")
HOLDER = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(0.4)
connection.execute("COMMIT")
connection.close()
"""
THREE = Migration(3, "CREATE TABLE late (name TEXT);\n")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def write_with(path: Path, *migrations: Migration, name: str = "kept") -> None:
    with closing(connect(path, migrations)) as connection:
        connection.execute("INSERT INTO thing (name) VALUES (?)", (name,))


async def test_a_fresh_library_has_one_project_and_it_is_active(path: Path) -> None:
    async with open_store(path) as store:
        assert [project.name for project in await store.projects()] == ["My clips"]
        assert await store.projects() == [await store.active_project()]


async def test_the_database_and_its_side_files_are_their_owners_alone_whatever_the_umask(path: Path) -> None:
    before = os.umask(0o022)
    try:
        async with open_store(path) as store:
            await store.keep_draft("prompt", "a red fox")
            files = {file.name: mode(file) for file in path.parent.iterdir()}
    finally:
        os.umask(before)
    assert files.pop(".library.db.reserve") == 0o600
    assert files == {"library.db": 0o600, "library.db-wal": 0o600, "library.db-shm": 0o600}
    assert mode(path.parent) == 0o700


async def test_a_database_that_others_could_read_is_made_private_again(path: Path) -> None:
    async with open_store(path):
        pass
    path.chmod(0o644)
    async with open_store(path):
        assert mode(path) == 0o600


async def test_the_connection_is_set_up_to_survive_a_power_cut(path: Path) -> None:
    async with open_database(path) as database:
        found = {
            name: await database.read(lambda c, name=name: c.execute(f"PRAGMA {name}").fetchone()[0])
            for name in (
                "journal_mode",
                "synchronous",
                "foreign_keys",
                "busy_timeout",
                "trusted_schema",
                "application_id",
                "user_version",
            )
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
        "trusted_schema": 0,
        "application_id": int.from_bytes(b"Reel", "big"),
        "user_version": shipped()[-1].version,
    }


async def test_what_was_written_is_there_after_opening_again(path: Path, new_job: Callable[..., Job]) -> None:
    async with open_store(path) as store:
        (job,) = await store.add_jobs([new_job()])
    async with open_store(path) as store:
        assert await store.jobs() == [job]


async def test_a_newer_database_is_refused_in_a_sentence_with_both_versions_and_left_alone(
    path: Path,
) -> None:
    async with open_store(path):
        pass
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 12")
    before = path.read_bytes()
    with pytest.raises(NewerDatabase, match=rf"version 12\b.*versions up to {shipped()[-1].version}\b"):
        async with open_store(path):
            pass
    assert path.read_bytes() == before


async def test_a_database_of_another_program_is_refused_and_left_alone(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    before = path.read_bytes()
    with pytest.raises(DamagedDatabase, match="another program"):
        async with open_store(path):
            pass
    assert path.read_bytes() == before


async def test_a_database_that_was_emptied_is_not_taken_for_a_fresh_one(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    with pytest.raises(DamagedDatabase, match="emptied"):
        async with open_store(path):
            pass


async def test_garbage_in_the_place_of_the_database_is_called_damaged(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"<html>" * 1000)
    with pytest.raises(DamagedDatabase):
        async with open_store(path):
            pass
    assert path.read_bytes() == b"<html>" * 1000


async def test_a_torn_page_is_found_when_the_last_session_did_not_end_well(path: Path) -> None:
    async with open_store(path) as store:
        for number in range(200):
            await store.keep_draft(str(number), "a red fox " * 50)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] + bytes(4096) + whole[len(whole) // 2 + 4096 :])
    path.with_name("library.db-wal").write_bytes(b"left by a crash")
    with pytest.raises(DamagedDatabase):
        async with open_store(path):
            pass


async def test_a_folder_stands_where_the_database_should_be(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(StoreError, match="database"):
        async with open_store(path):
            pass


async def test_a_file_stands_where_the_folder_should_be(path: Path) -> None:
    path.parent.write_text("a file")
    with pytest.raises(StoreError, match="Could not open"):
        async with open_store(path):
            pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_folder_that_may_not_be_written_is_said_to_be_so(path: Path) -> None:
    path.parent.mkdir(mode=0o500)
    with pytest.raises(NotWritable):
        async with open_store(path):
            pass


def test_an_old_database_is_copied_aside_and_then_brought_up_to_date(path: Path) -> None:
    write_with(path, ONE)
    with closing(connect(path, (ONE, TWO, THREE))) as connection:
        assert tuple(connection.execute("SELECT name, size FROM thing").fetchone()) == ("kept", 7)
        assert connection.execute("PRAGMA user_version").fetchone()[0] == 3
    copy = path.with_name("library.db.before-0003")
    assert mode(copy) == 0o600
    with closing(sqlite3.connect(copy)) as old:
        assert old.execute("SELECT * FROM thing").fetchall() == [("kept",)]
        assert old.execute("PRAGMA user_version").fetchone() == (1,)


def test_reasons_in_fals_words_become_words_of_the_list(path: Path) -> None:
    job = "INSERT INTO job ({}) VALUES (?, 'o', 'e', 'm', 'p', '{{}}', ?, ?, 1, 1)".format(
        "id, origin, endpoint, model, prompt, input, state, reason, created_at, state_since"
    )
    given = {
        "content_policy_violation": "policy",
        "runner_disconnected": "service_failed",
        "request_timeout": "timed_out",
        "client_cancelled": "ended_at_fal",
        "a_new_word": "model_error",
        "no_media": "no_media",
    }
    with closing(connect(path, shipped()[:2])) as old:
        old.executemany(job, [(word, "failed", word) for word in given])
        old.execute(job, ("waits", "intent", "too_many"))
        old.commit()
    with closing(connect(path, shipped())) as connection:
        found = dict(connection.execute("SELECT id, reason FROM job").fetchall())
    assert found == {**given, "waits": "too_many"}


def test_a_step_that_fails_undoes_all_steps_and_leaves_the_old_database_as_it_was(path: Path) -> None:
    write_with(path, ONE)
    with pytest.raises(StoreError, match="nowhere"):
        connect(path, (ONE, BROKEN, THREE))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("thing",)]
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    write_with(path, ONE, name="goes on")


def test_a_fresh_database_whose_first_step_fails_is_not_made_at_all(path: Path) -> None:
    with pytest.raises(StoreError):
        connect(path, (ONE, BROKEN))
    assert list(path.parent.iterdir()) == []


def test_a_step_that_would_leave_rows_belonging_to_nothing_is_undone(path: Path) -> None:
    write_with(path, ONE)
    orphan = Migration(
        2,
        "CREATE TABLE child (thing INTEGER REFERENCES thing (rowid));\n"
        "DROP TABLE child;\n"
        "CREATE TABLE parent (id INTEGER PRIMARY KEY);\n"
        "CREATE TABLE child (parent INTEGER REFERENCES parent (id));\n"
        "INSERT INTO child VALUES (3);\n",
    )
    with pytest.raises(DamagedDatabase, match="belong to nothing"):
        connect(path, (ONE, orphan))
    write_with(path, ONE)


def test_every_shipped_step_has_the_next_number_and_triggers_stay_in_one_piece() -> None:
    assert [step.version for step in shipped()] == list(range(1, len(shipped()) + 1))
    parts = [statement for step in shipped() for statement in statements(step.sql)]
    assert all(sqlite3.complete_statement(statement) for statement in parts)
    assert sum("CREATE TRIGGER" in statement for statement in parts) >= 3


async def test_a_database_that_is_removed_while_open_takes_no_more_writes(path: Path) -> None:
    async with open_store(path) as store:
        await store.keep_draft("prompt", "before")
        path.unlink()
        with pytest.raises(DatabaseGone, match="removed while it was open"):
            await store.keep_draft("prompt", "after")


async def test_a_database_that_is_replaced_while_open_takes_no_more_writes(
    path: Path, new_job: Callable[..., Job]
) -> None:
    async with open_store(path) as store:
        path.rename(path.with_name("aside.db"))
        path.write_bytes(b"something else")
        with pytest.raises(DatabaseGone, match="replaced"):
            await store.add_jobs([new_job()])
    assert path.read_bytes() == b"something else"


async def test_a_database_that_another_process_keeps_locked_is_waited_for_and_then_called_busy(
    path: Path,
) -> None:
    async with open_database(path, busy=0.02, patience=0.2) as database:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(DatabaseBusy, match="locked by another process"):
                await database.write(lambda c: c.execute("INSERT INTO draft VALUES ('a', 'b')"))
            other.execute("ROLLBACK")
        await database.write(lambda c: c.execute("INSERT INTO draft VALUES ('a', 'c')") and None)
        assert await database.read(lambda c: c.execute("SELECT text FROM draft").fetchall()[0][0]) == "c"


async def test_a_write_waits_longer_than_sqlite_does_and_is_done_once_the_lock_is_free(path: Path) -> None:
    async with open_database(path, busy=0.01, patience=20) as database:
        with subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE) as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"held\n"
            await database.write(lambda c: c.execute("INSERT INTO draft VALUES ('a', 'b')") and None)
            assert holder.wait() == 0


async def test_another_process_that_commits_is_noticed_and_ones_own_commits_are_not(
    path: Path, new_job: Callable[..., Job]
) -> None:
    async with open_store(path) as one, open_store(path) as other:
        before = await one.version()
        await one.add_jobs([new_job()])
        assert await one.version() == before
        await other.add_jobs([new_job()])
        assert await one.version() != before
        assert len(await one.jobs()) == 2


async def test_no_error_of_sqlite_leaves_the_package(path: Path) -> None:
    async with open_database(path) as database:
        for sql in ("SELECT * FROM nowhere", "not SQL", "INSERT INTO setting VALUES (NULL, NULL)"):
            with pytest.raises(StoreError):
                await database.write(lambda c, sql=sql: c.execute(sql))
        with pytest.raises(StoreError, match="cannot hold"):
            await database.write(lambda c: c.execute("INSERT INTO draft VALUES ('a', ?)", ("\ud800",)))
        assert not await database.read(lambda c: c.in_transaction)
