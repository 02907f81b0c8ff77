"""The embedded server after something was killed: whatever was committed is there, and start says what it waits for."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from chatelier.db import embedded, postmaster
from chatelier.db.cluster import Cluster, find_cluster
from chatelier.db.embedded import open_embedded
from chatelier.db.postmaster import serves
from chatelier.errors import CannotStart
from tests.db.visitors import Visitor, ask, is_alive, postmaster_pid, silent, started, tell, until

NOTES = "CREATE TABLE notes AS SELECT 'a cat at sunset' AS text"


def kill_everything(studio: Path) -> None:
    """As a power cut does."""
    for pid in psutil.pids():
        if serves(pid, find_cluster(studio)):
            os.kill(pid, signal.SIGKILL)


def test_a_killed_owner_leaves_a_server_that_the_next_one_joins_and_stops(
    studio: Path, visitors: list[Visitor]
) -> None:
    ada = Visitor(studio)
    visitors.append(ada)
    url = ada.wait_url()
    server = postmaster_pid(studio)
    tell(url, NOTES)
    ada.kill()
    joined = open_embedded(studio, say=silent)
    assert postmaster_pid(studio) == server
    assert ask(joined.url, "SELECT text FROM notes") == "a cat at sunset"
    joined.close()
    assert not is_alive(server)


def test_a_killed_server_is_started_again(studio: Path) -> None:
    first = open_embedded(studio, say=silent)
    tell(first.url, NOTES)
    os.kill(postmaster_pid(studio), signal.SIGKILL)
    second = open_embedded(studio, say=silent)
    assert ask(second.url, "SELECT text FROM notes") == "a cat at sunset"
    first.close()
    assert ask(second.url, "SELECT 1") == 1
    second.close()


def test_a_session_that_outlives_the_killed_server_is_ended_first(
    studio: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "FIRST_WORD", 0.3)
    first = open_embedded(studio, say=silent)
    tell(first.url, NOTES)
    busy = threading.Thread(target=endless_statement, args=[first.url])
    busy.start()
    until(lambda: ask(first.url, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DO %LOOP%'"))
    os.kill(postmaster_pid(studio), signal.SIGKILL)
    second = open_embedded(studio, say=silent)
    busy.join(5)
    assert not busy.is_alive()
    assert ask(second.url, "SELECT text FROM notes") == "a cat at sunset"
    second.close()
    first.close()


def endless_statement(url: str) -> None:
    with suppress(psycopg.OperationalError):
        tell(url, "DO $$ BEGIN LOOP END LOOP; END $$")


def test_a_start_after_a_crash_waits_for_the_recovery_and_says_so(
    studio: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "FIRST_WORD", 0.5)
    monkeypatch.setattr(embedded, "NEXT_WORD", 1.0)
    first = open_embedded(studio, say=silent)
    tell(first.url, "CREATE TABLE notes (text text)", "CHECKPOINT")
    tell(first.url, "INSERT INTO notes SELECT repeat('cat ', 50) FROM generate_series(1, 300000)")
    kill_everything(studio)
    said: list[str] = []
    with ThreadPoolExecutor() as pool:
        opening = pool.submit(open_embedded, studio, say=said.append)
        recovering = stop_recovery(studio)
        until(lambda: len(said) >= 3)
        assert not opening.done()
        recovering.resume()
        second = opening.result(60)
    assert all("recovering after a crash, this may take minutes" in sentence for sentence in said[:3])
    assert ask(second.url, "SELECT count(*) FROM notes") == 300_000
    first.close()
    second.close()


def stop_recovery(studio: Path) -> psutil.Process:
    """Freezes the process that replays the log, so that the recovery is long."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with suppress(FileNotFoundError, ValueError, IndexError, psutil.Error):
            for child in psutil.Process(postmaster_pid(studio)).children():
                if "startup" in " ".join(child.cmdline()):
                    child.suspend()
                    return child
    raise AssertionError("no recovery was seen")


def test_ben_hears_that_ada_is_starting_the_database(studio: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "FIRST_WORD", 0.3)
    open_embedded(studio, say=silent).close()
    heard: list[str] = []
    turn = embedded.Lock.take(find_cluster(studio), "start")
    assert turn
    with ThreadPoolExecutor() as pool:
        ben = pool.submit(open_embedded, studio, say=heard.append)
        until(lambda: heard)
        turn.release()
        ben.result(60).close()
    assert "another Chatelier process that is starting" in heard[0]


def test_ben_can_give_up_waiting_and_leaves_nothing_behind(studio: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "FIRST_WORD", 0.3)
    ada = open_embedded(studio, say=silent)
    server = postmaster_pid(studio)
    os.kill(server, signal.SIGSTOP)
    with pytest.raises(KeyboardInterrupt):
        open_embedded(studio, say=give_up)
    os.kill(server, signal.SIGCONT)
    ada.close()
    assert not is_alive(server)


def give_up(_: str) -> None:
    raise KeyboardInterrupt


def test_a_reused_process_id_neither_fools_the_start_nor_is_harmed(studio: Path) -> None:
    server = open_embedded(studio, say=silent)
    pid_file = studio / "postgres" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    server.close()
    owner = find_cluster(studio).owner
    with started(["sleep", "60"], **owner.process()) as bystander:
        pid_file.write_text("\n".join([str(bystander.pid), *lines[1:]]) + "\n")
        os.chown(pid_file, owner.uid, owner.gid)
        for name in (".s.PGSQL.5432", ".s.PGSQL.5432.lock"):
            (studio / "run" / name).write_text("\n".join([str(bystander.pid), *lines[1:]]) + "\n")
        again = open_embedded(studio, say=silent)
        assert ask(again.url, "SELECT 1") == 1
        assert postmaster_pid(studio) != bystander.pid
        again.close()
        assert bystander.poll() is None


def test_a_server_that_ada_started_by_hand_is_not_disturbed(studio: Path) -> None:
    open_embedded(studio, say=silent).close()
    cluster = find_cluster(studio)
    command = [str(cluster.programs / "postgres"), "-D", str(cluster.folder), "-k", "", "-c", "listen_addresses="]
    with started(command, **cluster.owner.process()) as by_hand:
        until(lambda: (cluster.folder / "postmaster.pid").exists())
        with pytest.raises(CannotStart, match=f"process {by_hand.pid}"):
            open_embedded(studio, say=silent)
        assert by_hand.poll() is None
        by_hand.send_signal(signal.SIGINT)
        by_hand.wait(30)
    open_embedded(studio, say=silent).close()


def test_a_server_that_hangs_gets_a_sentence_with_its_process(studio: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "SILENT_SECONDS", 1.0)
    ada = open_embedded(studio, say=silent)
    server = postmaster_pid(studio)
    os.kill(server, signal.SIGSTOP)
    with pytest.raises(CannotStart, match=f"process {server} does not answer"):
        open_embedded(studio, say=silent)
    os.kill(server, signal.SIGCONT)
    assert ask(ada.url, "SELECT 1") == 1
    ada.close()


@pytest.mark.parametrize("moment", ["postgres.making/base", "postgres/postmaster.pid"])
def test_a_first_start_killed_at_any_moment_does_not_block_the_next(
    place: Path, visitors: list[Visitor], moment: str
) -> None:
    ada = Visitor(place / "studio")
    visitors.append(ada)
    until(lambda: (place / "studio" / moment).exists())
    ada.kill()
    server = open_embedded(place / "studio", say=silent)
    assert ask(server.url, "SELECT current_database()") == "chatelier"
    server.close()
    assert not (place / "studio" / "postgres.making").exists()


def test_a_server_killed_before_it_noted_itself_does_not_block_the_next(studio: Path) -> None:
    (studio / "postgres" / "postmaster.pid").touch()
    server = open_embedded(studio, say=silent)
    assert ask(server.url, "SELECT 1") == 1
    server.close()


def test_a_server_killed_while_it_starts_is_started_again_but_not_for_ever(
    studio: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch = postmaster.launch
    killed: list[int] = []

    def launch_and_kill(cluster: Cluster, sockets: Path, lock: int) -> postmaster.Started:
        started = launch(cluster, sockets, lock)
        if len(killed) < times:
            started.process.kill()
            killed.append(started.process.pid)
        return started

    monkeypatch.setattr(postmaster, "launch", launch_and_kill)
    times = 2
    server = open_embedded(studio, say=silent)
    assert ask(server.url, "SELECT 1") == 1
    server.close()
    killed.clear()
    times = 3
    with pytest.raises(CannotStart, match="ended by SIGKILL"):
        open_embedded(studio, say=silent)


def test_a_damaged_database_gets_a_sentence_with_its_log(studio: Path) -> None:
    (studio / "postgres" / "global" / "pg_control").write_bytes(bytes(8192))
    with pytest.raises(CannotStart, match=r"cannot start: .*postgres\.log"):
        open_embedded(studio, say=silent)


def test_a_server_that_cannot_start_leaves_nothing_running(studio: Path) -> None:
    (studio / "postgres" / "postgresql.auto.conf").write_text("shared_buffers = 'much'\n")
    (studio / "postgres" / "postgresql.conf").write_text("work_mem = 'plenty'\n")
    with pytest.raises(CannotStart, match="contains errors"):
        open_embedded(studio, say=silent)
    (studio / "postgres" / "postgresql.conf").write_text("")
    (studio / "postgres" / "postgresql.auto.conf").write_text("")
    open_embedded(studio, say=silent).close()
