"""Where the embedded server lives and for whom: awkward paths, other system users, full and read-only disks."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from chatelier.db import cluster as clusters
from chatelier.db.cluster import find_cluster, shipped_programs
from chatelier.db.embedded import open_embedded
from chatelier.db.engine import conninfo
from chatelier.errors import CannotStart
from tests.db.visitors import (
    VISIT,
    Visitor,
    ask,
    copy,
    is_alive,
    postmaster_pid,
    remount,
    runs,
    silent,
    small_disk,
    unmount,
)

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become other system users")
# Becomes another system user with everything loaded, since that user may not be able to reach the interpreter.
BECOME = """
import os, psycopg, psutil, encodings.idna
import chatelier.db.embedded
os.setgroups([]); os.setgid({gid}); os.setuid({uid}); os.umask(0o022)
"""


def become(name: str) -> str:
    entry = pwd.getpwnam(name)
    return BECOME.format(uid=entry.pw_uid, gid=entry.pw_gid)


def refusal(studio: Path) -> str:
    with pytest.raises(CannotStart) as refused:
        open_embedded(studio, say=silent)
    assert refused.value.__cause__ is None or isinstance(refused.value.__cause__, OSError)
    return refused.value.sentence


@pytest.mark.parametrize("name", ["a b,c", "it's \"100%\" + 'ö'", "Zoë", "x" * 120])
def test_any_path_can_hold_the_data_folder(made_once: Path, place: Path, name: str) -> None:
    server = open_embedded(copy(made_once, place / name), say=silent)
    assert ask(server.url, "SELECT current_database()") == "chatelier"
    assert ask(conninfo(server.url), "SELECT current_database()") == "chatelier"
    server.close()
    assert not runs(place / name)


def test_a_long_path_gets_a_socket_folder_that_other_processes_find_from_any_environment(
    made_once: Path, place: Path, visitors: list[Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = copy(made_once, place / ("long" * 30))
    (place / "ada").mkdir(mode=0o777)
    (place / "ada").chmod(0o777)
    ada = Visitor(studio, TMPDIR=str(place / "ada"), XDG_RUNTIME_DIR="")
    visitors.append(ada)
    url = ada.wait_url()
    (sockets,) = (place / "ada").iterdir()
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    assert sockets.owner() == find_cluster(studio).owner.name
    ben = open_embedded(studio, say=silent)
    assert ben.url == url
    beside = open_embedded(copy(studio, place / ("other" * 30)), say=silent)
    assert beside.url != ben.url
    beside.close()
    ben.close()
    ada.leave()
    assert not sockets.exists()


def test_a_socket_folder_that_somebody_else_put_there_is_refused(
    made_once: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = copy(made_once, place / ("long" * 30))
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setattr("tempfile.tempdir", None)
    server = open_embedded(studio, say=silent)
    (sockets,) = place.glob("chatelier-*")
    server.close()
    trap = place / "trap"
    trap.mkdir()
    trap.chmod(0o777)
    sockets.symlink_to(trap)
    assert "must be a folder of Chatelier's own" in refusal(studio)
    assert stat.S_IMODE(trap.stat().st_mode) == 0o777
    assert list(trap.iterdir()) == []


def test_links_in_the_data_folder_are_not_followed(studio: Path, place: Path) -> None:
    (place / "precious").write_text("Ada's diary")
    (studio / "postgres.log").unlink()
    (studio / "postgres.log").symlink_to(place / "precious")
    refusal(studio)
    (studio / "postgres.log").unlink()
    shutil.rmtree(studio / "run")
    (studio / "run").symlink_to(place)
    assert "run must be a folder" in refusal(studio)
    assert (place / "precious").read_text() == "Ada's diary"


def test_a_file_in_the_way_gets_a_sentence(place: Path) -> None:
    (place / "studio").write_text("")
    assert "CHATELIER_DATA_DIR" in refusal(place / "studio")
    assert "CHATELIER_DATA_DIR" in refusal(place / "studio" / "below")


def test_a_folder_that_is_no_database_is_left_alone(place: Path) -> None:
    (place / "studio" / "postgres").mkdir(parents=True)
    (place / "studio" / "postgres" / "holiday.jpg").write_text("")
    shutil.chown(place / "studio" / "postgres", find_owner_name(place))
    assert "is not a database that Chatelier can read" in refusal(place / "studio")
    assert (place / "studio" / "postgres" / "holiday.jpg").exists()


def find_owner_name(place: Path) -> str:
    return find_cluster(place / "nowhere").owner.name


@pytest.mark.parametrize(("made_by", "advice"), [("99", "Install the newer"), ("9", "Make a backup with the older")])
def test_a_database_of_another_postgresql_is_refused_and_not_touched(studio: Path, made_by: str, advice: str) -> None:
    version = studio / "postgres" / "PG_VERSION"
    major = version.read_text()
    version.write_text(f"{made_by}\n")
    sentence = refusal(studio)
    assert f"made by PostgreSQL {made_by}" in sentence
    assert advice in sentence
    version.write_text(major)
    open_embedded(studio, say=silent).close()


def test_a_database_keeps_its_postgresql_as_long_as_that_is_shipped(
    studio: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = shipped_programs()
    monkeypatch.setattr(clusters, "shipped_programs", lambda: {**shipped, 99: Path("/nowhere")})
    server = open_embedded(studio, say=silent)
    assert ask(server.url, "SHOW server_version_num") >= f"{max(shipped)}0000"
    server.close()


@as_root
def test_another_system_user_cannot_connect_even_through_an_opened_folder(studio: Path) -> None:
    server = open_embedded(studio, say=silent)
    script = become("daemon") + f"psycopg.connect({server.url!r})"
    assert "Permission denied" in complaint(script)
    (studio / "run").chmod(0o755)
    (studio / "run" / ".s.PGSQL.5432").chmod(0o777)
    assert "Peer authentication failed" in complaint(script)
    pretending = script.replace("user=chatelier", "user=daemon")
    assert "no pg_hba.conf entry" in complaint(pretending)
    server.close()


def complaint(script: str) -> str:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=20)
    assert done.returncode
    return done.stderr


@as_root
def test_an_ordinary_user_starts_it_and_root_joins(place: Path, visitors: list[Visitor]) -> None:
    home = place / "ada"
    home.mkdir()
    shutil.chown(home, "daemon", "daemon")
    ada = Visitor(home / "studio", script=become("daemon") + VISIT)
    visitors.append(ada)
    url = ada.wait_url()
    server = postmaster_pid(home / "studio")
    assert stat.S_IMODE((home / "studio").stat().st_mode) == 0o700
    operator = open_embedded(home / "studio", say=silent)
    assert operator.url == url
    ada.leave()
    assert ask(url, "SELECT 1") == 1
    operator.close()
    assert not is_alive(server)
    operator = open_embedded(home / "studio", say=silent)
    again = Visitor(home / "studio", script=become("daemon") + VISIT)
    visitors.append(again)
    assert again.wait_url() == operator.url
    operator.close()
    again.leave()
    assert {path.owner() for path in (home / "studio").rglob("*")} == {"daemon"}


@as_root
@pytest.mark.skipif(not shutil.which("setpriv"), reason="rights are given up with setpriv")
def test_root_with_no_more_rights_than_in_a_container_starts_and_stops_it(
    studio: Path, visitors: list[Visitor]
) -> None:
    rights = "-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid"
    ada = Visitor(studio, through=["setpriv", f"--bounding-set={rights}", "--inh-caps=-all"])
    visitors.append(ada)
    ada.wait_url()
    server = postmaster_pid(studio)
    ada.leave()
    assert not is_alive(server)


@as_root
def test_ben_is_told_that_the_data_folder_is_adas(studio: Path, place: Path) -> None:
    script = become("daemon") + VISIT.replace("sys.argv[1]", repr(str(studio)))
    assert "CannotStart" in complaint(script)
    (studio / "run").chmod(0o755)
    (studio / "postgres").chmod(0o755)
    assert "not to daemon" in complaint(script)


@as_root
def test_root_is_told_which_folder_the_service_user_may_not_enter(place: Path) -> None:
    (place / "home").mkdir(mode=0o700)
    sentence = refusal(place / "home" / "studio")
    assert f"who may not enter {place / 'home'}." in sentence
    assert "CHATELIER_DATA_DIR" in sentence
    assert stat.S_IMODE((place / "home").stat().st_mode) == 0o700


@as_root
def test_root_may_keep_its_checkout_where_the_service_user_cannot_go(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = place / "hidden"
    hidden.mkdir(mode=0o700)
    programs = shipped_programs()[max(shipped_programs())]
    package = programs.parents[1]
    shutil.copytree(programs.parent, hidden / package.name / programs.parent.name)
    if (libraries := package.with_name(f"{package.name}.libs")).exists():
        shutil.copytree(libraries, hidden / libraries.name)
    reachable = hidden / package.name / programs.parent.name / "bin"
    monkeypatch.setattr(clusters, "shipped_programs", lambda: {max(shipped_programs()): reachable})
    open_embedded(place / "studio", say=silent).close()
    (copied,) = (place / "studio" / "programs").iterdir()
    server = open_embedded(place / "studio", say=silent)
    running = os.readlink(f"/proc/{postmaster_pid(place / 'studio')}/exe")
    server.close()
    assert Path(running).is_relative_to(copied)


def test_nobody_serves_a_user_number_without_a_name(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    assert "user number 54321 has none" in refusal(place)


@pytest.fixture
def disk(place: Path) -> Iterator[Path]:
    small_disk(place / "disk", 120)
    yield place / "disk"
    unmount(place / "disk")


def fill(disk: Path) -> Path:
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1_000_000, 4096):
            with suppress(OSError):
                while file.write(bytes(size)) == size:
                    pass
    return ballast


@as_root
def test_a_full_disk_gets_a_sentence_and_blocks_no_later_start(disk: Path, made_once: Path) -> None:
    ballast = fill(disk)
    assert f"The disk that holds {disk / 'studio'} is full" in refusal(disk / "studio")
    os.truncate(ballast, ballast.stat().st_size - 10_000_000)
    assert f"The disk that holds {disk / 'studio'} is full" in refusal(disk / "studio")
    assert not (disk / "studio" / "postgres.making").exists()
    ballast.unlink()
    open_embedded(disk / "studio", say=silent).close()
    fill(disk)
    assert f"The disk that holds {disk / 'studio'} is full" in refusal(disk / "studio")
    ballast.unlink()
    open_embedded(disk / "studio", say=silent).close()


@as_root
def test_a_read_only_disk_gets_a_sentence_and_blocks_no_later_start(disk: Path, made_once: Path) -> None:
    remount(disk, "ro")
    assert f"The disk that holds {disk / 'new'} is read-only" in refusal(disk / "new")
    remount(disk, "rw")
    studio = copy(made_once, disk / "studio")
    remount(disk, "ro")
    assert f"The disk that holds {studio} is read-only" in refusal(studio)
    remount(disk, "rw")
    open_embedded(studio, say=silent).close()
