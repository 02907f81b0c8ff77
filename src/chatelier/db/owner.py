"""The system user that the embedded server runs as, and folders and files that are that user's alone."""

from __future__ import annotations

import errno
import os
import pwd
import stat
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatelier.errors import CannotStart

# PostgreSQL does not run as root: for root it runs as the first of these that the system has.
SERVICE_USERS = ("postgres", "nobody")


@dataclass(frozen=True, kw_only=True)
class Owner:
    uid: int
    gid: int
    name: str

    def process(self) -> dict[str, Any]:
        """Arguments of ``subprocess`` that make a child this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if os.geteuid() == 0 else {}

    def receive(self, descriptor: int) -> None:
        """Takes over what root has opened."""
        if os.geteuid() == 0:
            os.fchown(descriptor, self.uid, self.gid)


def find_owner(places: Iterable[Path]) -> Owner:
    """Ourselves; for root, whoever owns the first of the places that is not root's, else a service user."""
    if uid := os.geteuid():
        if owner := named(uid):
            return owner
        raise CannotStart(
            f"The embedded database needs a system user with a name, and user number {uid} has none. "
            "Add it to /etc/passwd, or set CHATELIER_DATABASE_URL to a PostgreSQL server of your own."
        )
    for place in places:
        if place.exists() and (uid := place.stat().st_uid) and (owner := named(uid)):
            return owner
    for name in SERVICE_USERS:
        try:
            return _owner(pwd.getpwnam(name))
        except KeyError:
            continue
    raise CannotStart("PostgreSQL does not run as root: start Chatelier as an ordinary user, or add a user 'postgres'.")


def named(uid: int) -> Owner | None:
    try:
        return _owner(pwd.getpwuid(uid))
    except KeyError:
        return None


def _owner(entry: pwd.struct_passwd) -> Owner:
    return Owner(uid=entry.pw_uid, gid=entry.pw_gid, name=entry.pw_name)


def wall_before(path: Path, owner: Owner) -> Path | None:
    """The first part of the path that root's service user may not enter or run, by its mode bits."""
    for part in (*reversed(path.parents), path) if os.geteuid() == 0 else ():
        found = part.stat()
        mine, ours = found.st_uid == owner.uid, found.st_gid == owner.gid
        if not found.st_mode & (stat.S_IXUSR if mine else stat.S_IXGRP if ours else stat.S_IXOTH):
            return part
    return None


def own_folder(folder: Path, owner: Owner) -> Path:
    """A 0700 folder of the owner's, made when missing. Raises CannotStart when something else lies there."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.ENOTDIR):
            raise
        raise CannotStart(f"{folder} must be a folder of Chatelier's own. Move away what is there.") from error
    try:
        # Empty and root's: just made, by us or by another process that has not come further yet.
        if os.fstat(handle).st_uid == os.geteuid() == 0 and not os.listdir(handle):
            owner.receive(handle)
        _close_to_others(folder, handle, owner)
    finally:
        os.close(handle)
    return folder


def _close_to_others(folder: Path, handle: int, owner: Owner) -> None:
    found = os.fstat(handle)
    if found.st_uid != owner.uid:
        other = named(found.st_uid)
        raise CannotStart(
            f"{folder} belongs to the system user {other.name if other else found.st_uid}, not to {owner.name}. "
            f"Start Chatelier as that user, or give the whole folder to {owner.name} with chown -R."
        )
    if stat.S_IMODE(found.st_mode) != 0o700:
        os.fchmod(handle, 0o700)


def own_file(path: Path, owner: Owner, flags: int) -> int:
    """Opens a 0600 file of the owner's, made when missing, never through a link."""
    descriptor = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    owner.receive(descriptor)
    return descriptor
