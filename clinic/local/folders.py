"""Folders that only their owner can change, links to them, and how long the path of a socket may be."""

import errno
import os
import pwd
import stat
from contextlib import suppress
from pathlib import Path

SOCKET, LONGEST_SOCKET = ".s.PGSQL.5432", 103


def make_folder(folder: Path, mode: int, owner: pwd.struct_passwd | None = None) -> None:
    """
    Make `folder` with exactly this mode and owner (us, unless another is named), whatever the umask is.

    Raises OSError for one that is there and is a link or a stranger's: what lies in it would be theirs.
    """
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if os.fstat(opened).st_uid not in {os.geteuid(), owner.pw_uid if owner else os.geteuid()}:
            raise PermissionError(errno.EPERM, "Somebody else's folder is in the way", str(folder))
        if owner:
            os.fchown(opened, owner.pw_uid, owner.pw_gid)
        os.fchmod(opened, mode)
    finally:
        os.close(opened)


def fits(folder: Path) -> bool:
    return len(os.fsencode(folder / SOCKET)) <= LONGEST_SOCKET


def point(link: Path, folder: Path) -> None:
    """Let `link` lead to `folder`, at no moment elsewhere or nowhere."""
    if not (link.is_symlink() and link.readlink() == folder):
        fresh = link.with_name(f"{link.name}-{os.getpid()}")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(folder)
        fresh.replace(link)


def is_folder_of(account: pwd.struct_passwd, folder: Path) -> bool:
    """True for a folder of that account, and False for a link to one."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == account.pw_uid
