"""The embedded server's ordinary days: made, joined, left, stopped."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy import create_engine, text

from chatelier.db.embedded import open_embedded
from chatelier.db.engine import conninfo, parse_url
from tests.db.visitors import Visitor, ask, copy, is_alive, postmaster_pid, runs, silent, tell

PRESENT = {
    "data_checksums": "on",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "listen_addresses": "",
    "max_connections": "200",
    "server_encoding": "UTF8",
    "TimeZone": "UTC",
    "is_superuser": "on",
}


def test_the_first_start_makes_a_durable_database_in_utf8_without_tcp(place: Path) -> None:
    server = open_embedded(place / "new" / "studio", say=silent)
    with psycopg.connect(server.url) as db:
        found = {name: db.execute(f"SHOW {name}".encode()).fetchone() for name in PRESENT}
        assert found == {name: (value,) for name, value in PRESENT.items()}
        assert db.execute("SELECT current_user, current_database()").fetchone() == ("chatelier", "chatelier")
        provider = db.execute("SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'chatelier'")
        assert provider.fetchone() == ("b", "C.UTF-8")
        assert db.execute("SELECT lower('ÄÉÑ'), 'Zoë' < 'ada'").fetchone() == ("äéñ", True)
    server.close()
    assert not runs(place / "new" / "studio")


def test_what_ada_wrote_is_there_at_the_next_start(studio: Path) -> None:
    first = open_embedded(studio, say=silent)
    tell(first.url, "CREATE TABLE notes AS SELECT 'a cat at sunset' AS text")
    first.close()
    assert not runs(studio)
    second = open_embedded(studio, say=silent)
    assert ask(second.url, "SELECT text FROM notes") == "a cat at sunset"
    second.close()


def test_the_address_serves_psycopg_sqlalchemy_and_the_queue(studio: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "9999")
    monkeypatch.setenv("PGHOST", "elsewhere.invalid")
    server = open_embedded(studio, say=silent)
    assert ask(server.url, "SELECT 1") == 1
    assert ask(conninfo(server.url), "SELECT 1") == 1
    engine = create_engine(parse_url(server.url))
    with engine.connect() as db:
        assert db.execute(text("SELECT current_database()")).scalar() == "chatelier"
    engine.dispose()
    server.close()


def test_ben_joins_the_server_that_ada_started_and_the_last_to_leave_stops_it(
    studio: Path, visitors: list[Visitor]
) -> None:
    ada, ben = Visitor(studio), Visitor(studio)
    visitors += [ada, ben]
    url = ada.wait_url()
    assert ben.wait_url() == url
    server = postmaster_pid(studio)
    ada.leave()
    assert ask(url, "SELECT 1") == 1
    assert postmaster_pid(studio) == server
    ben.leave()
    assert not is_alive(server)
    assert list((studio / "run").glob(".s.PGSQL*")) == []


def test_leaving_twice_does_not_count_twice(studio: Path) -> None:
    ada, ben = open_embedded(studio, say=silent), open_embedded(studio, say=silent)
    ada.close()
    ada.close()
    assert ask(ben.url, "SELECT 1") == 1
    ben.close()
    assert not runs(studio)


def test_a_forked_child_that_leaves_takes_nobody_along(studio: Path) -> None:
    server = open_embedded(studio, say=silent)
    child = os.fork()
    if not child:
        server.close()
        os._exit(0)
    os.waitpid(child, 0)
    assert ask(server.url, "SELECT 1") == 1
    server.close()
    assert not runs(studio)


def test_four_first_starts_at_once_make_one_database(place: Path, visitors: list[Visitor]) -> None:
    visitors += [Visitor(place / "studio") for _ in range(4)]
    urls = {visitor.wait_url() for visitor in visitors}
    assert len(urls) == 1
    assert ask(urls.pop(), "SELECT count(*) FROM pg_database WHERE datname = 'chatelier'") == 1
    server = postmaster_pid(place / "studio")
    for visitor in visitors:
        visitor.leave()
    assert not is_alive(server)
    assert sorted(path.name for path in (place / "studio").iterdir()) == ["postgres", "postgres.log", "run"]


def test_many_come_and_go_and_everyone_is_served(studio: Path) -> None:
    def visit(_: int) -> int:
        server = open_embedded(studio, say=silent)
        answer = ask(server.url, "SELECT 1")
        server.close()
        assert isinstance(answer, int)
        return answer

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(visit, range(24))) == 24
    assert not runs(studio)


def test_ctrl_c_in_adas_terminal_does_not_reach_the_server(studio: Path, visitors: list[Visitor]) -> None:
    ada = Visitor(studio)
    visitors.append(ada)
    url = ada.wait_url()
    server = postmaster_pid(studio)
    os.killpg(ada.process.pid, signal.SIGINT)
    ada.process.wait(30)
    assert ask(url, "SELECT 1") == 1
    joined = open_embedded(studio, say=silent)
    assert postmaster_pid(studio) == server
    joined.close()
    assert not is_alive(server)


def test_keys_in_the_environment_do_not_reach_the_server(studio: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "adas-key")
    server = open_embedded(studio, say=silent)
    environment = psutil.Process(postmaster_pid(studio)).environ()
    server.close()
    assert environment["TZ"] == "UTC"
    assert "OPENAI_API_KEY" not in environment


def test_a_copied_folder_starts_at_its_new_place_while_the_original_runs(studio: Path, place: Path) -> None:
    original = open_embedded(studio, say=silent)
    tell(original.url, "CREATE TABLE notes AS SELECT 'original' AS text", "CHECKPOINT")
    copied = open_embedded(copy(studio, place / "copy"), say=silent)
    assert copied.url != original.url
    assert postmaster_pid(place / "copy") != postmaster_pid(studio)
    tell(copied.url, "UPDATE notes SET text = 'copy'")
    assert ask(original.url, "SELECT text FROM notes") == "original"
    copied.close()
    assert ask(original.url, "SELECT text FROM notes") == "original"
    original.close()


def test_a_copy_that_lost_its_modes_is_closed_to_others_again(studio: Path) -> None:
    for folder in (studio / "postgres", studio / "run"):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
    open_embedded(studio, say=silent).close()
    assert {folder.stat().st_mode & 0o777 for folder in (studio / "postgres", studio / "run")} == {0o700}


def test_the_log_stays_below_two_megabytes(studio: Path) -> None:
    with (studio / "postgres.log").open("a") as log:
        log.writelines(f"line {number}\n" for number in range(400_000))
    server = open_embedded(studio, say=silent)
    older = (studio / "postgres.log.1").read_text()
    assert older.endswith("line 399999\n")
    assert len(older) <= 1_000_000
    with (studio / "postgres.log").open("a") as log:
        log.write("x" * 1_100_000)
    server.trim_log()
    assert (studio / "postgres.log").stat().st_size + (studio / "postgres.log.1").stat().st_size < 2_000_000
    with (studio / "postgres.log").open("a") as log:
        log.write("y" * 1_100_000)
    open_embedded(studio, say=silent).close()
    assert (studio / "postgres.log").stat().st_size < 1_000_000
    server.close()
    assert "database system is shut down" in (studio / "postgres.log").read_text()
