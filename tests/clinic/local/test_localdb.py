"""The private Postgres, as processes that come and go use it."""

import fcntl
import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from clinic.local import folders, localdb, reset
from tests.clinic.local.conftest import ROOT, cluster

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="Only root's Postgres runs as somebody else")

USER = """
import json, os, sys, types
from pathlib import Path
import psycopg
from clinic.local import localdb

def ask(words):
    database = localdb.ensure(root, durable=False)
    with psycopg.connect(host=database["HOST"], dbname=database["NAME"], user=database["USER"]) as connection:
        cursor = connection.execute(words)
        return cursor.fetchall() if cursor.description else None

root = Path(sys.argv[1])
if len(sys.argv) > 2:
    os.setgroups([]); os.setgid(int(sys.argv[2])); os.setuid(int(sys.argv[2]))
for line in sys.stdin:
    exec(json.loads(line))
    print(flush=True)
"""

pytestmark = pytest.mark.real_time


class User:
    """A process that uses a cluster."""

    def __init__(self, root: Path, *, umask: int = 0o022, account: int | None = None):
        arguments = [str(root), *([str(account)] if account else [])]
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, *arguments], cwd=ROOT, text=True, umask=umask,
            env=os.environ | {"HOME": str(root.parent)},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def do(self, code: str) -> str:
        """What that code prints in the process; empty once the process has ended."""
        self.process.stdin.write(json.dumps(code) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def ask(self, words: str) -> str:
        return self.do(f"print(ask({words!r}), end='')")

    def leave(self) -> str:
        """End as a command that has done its work; what it complained of."""
        return self.process.communicate(timeout=60)[1]


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """Where tests ask for a cluster that need no new one: making one takes a second."""
    yield (root := tmp_path_factory.mktemp("shared") / "postgres")
    shutil.rmtree(localdb.Cluster(root).home, ignore_errors=True)


@pytest.fixture
def root(shared):
    yield shared
    assert not is_up(shared), "the test left its server behind"


@pytest.fixture
def new(tmp_path):
    """Where a test asks for the cluster of its own."""
    yield (root := tmp_path / "postgres")
    assert not is_up(root), "the test left its server behind"
    shutil.rmtree(localdb.Cluster(root).home, ignore_errors=True)


@pytest.fixture
def join(root):
    """Starts processes that use the cluster; each has left when the test is over."""
    users = []

    def start(where: Path = root, **how) -> User:
        users.append(User(where, **how))
        return users[-1]

    yield start
    for user in users:
        if user.process.returncode is None:
            user.leave()


def is_up(root: Path) -> bool:
    return (localdb.Cluster(root).data / "postmaster.pid").exists()


def test_the_last_one_out_stops_it(root, join):
    first, second = join(), join()
    assert first.ask("SELECT 1") == second.ask("SELECT 1") == "[(1,)]"

    assert first.leave() == ""
    assert second.ask("SELECT 2") == "[(2,)]"
    assert second.leave() == ""
    assert not is_up(root)


def test_several_that_start_it_at_once_all_get_it(new, join):
    users = [join(new) for _ in range(5)]

    with ThreadPoolExecutor(5) as pool:
        assert list(pool.map(lambda user: user.ask("SELECT 1"), users)) == ["[(1,)]"] * 5


def test_kill_minus_nine_of_everything_leaves_nothing_stale(root, join):
    killed = join()
    killed.ask("DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT 7")
    killed.ask("CHECKPOINT")
    killed.process.kill()
    os.kill(int((localdb.Cluster(root).data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    killed.process.communicate()

    assert join().ask("SELECT * FROM kept") == "[(7,)]"


def test_a_server_whose_users_were_killed_is_stopped_by_the_next_one(root, join):
    killed = join()
    killed.ask("SELECT 1")
    killed.process.kill()
    killed.process.communicate()
    assert is_up(root)

    user = join()
    assert user.ask("SELECT 1") == "[(1,)]"
    user.leave()
    assert not is_up(root)


def test_a_forked_process_keeps_it_when_its_parent_leaves(root, tmp_path, join):
    told = tmp_path / "told"
    parent = join()
    parent.ask("SELECT 1")
    parent.do(f"""
said, saying = os.pipe()
parent = os.getpid()
if os.fork() == 0:
    ask("SELECT 2")
    os.write(saying, b"!")
    while os.getppid() == parent:
        os.sched_yield()
    Path({str(told)!r}).write_text(str(ask("SELECT 3")))
    sys.exit()
os.read(said, 1)
""")

    parent.leave()  # Returns when the child has ended, too, which holds the same pipes.

    assert told.read_text() == "[(3,)]"
    assert not is_up(root)


def test_a_start_that_fails_is_in_nobodys_way(join):
    failing = join()
    failing.do("""
localdb.Cluster.is_up = lambda self, socket: 1 / 0
try:
    ask("SELECT 1")
except ZeroDivisionError:
    print("failed", end="")
""")

    assert join().ask("SELECT 1") == "[(1,)]"


def made_by(version: str, root: Path) -> None:
    """Let the cluster look like another major version's."""
    (localdb.Cluster(root).data / "PG_VERSION").write_text(f"{version}\n")


def test_a_cluster_of_another_major_version_is_a_sentence_and_stays_as_it_is(new, join):
    before = join(new)
    before.ask("SELECT 1")
    before.leave()
    made_by("15", new)
    keeps = join(new)
    keeps.do("localdb.ensure(root)")

    assert keeps.leave().startswith("The local database is Postgres 15's, and the programs here are ")
    assert keeps.process.returncode == 1
    assert (localdb.Cluster(new).data / "PG_VERSION").read_text() == "15\n"


def test_a_cluster_of_tests_of_another_major_version_is_made_anew(new, join):
    before = join(new)
    before.ask("SELECT 1")
    before.leave()
    made_by("15", new)

    assert join(new).ask("SELECT 1") == "[(1,)]"


def test_a_reset_throws_the_cluster_away_once_nobody_uses_it(tmp_path, join):
    root = tmp_path / "postgres"
    (tmp_path / "outbox").mkdir()
    (tmp_path / "accounts.json").write_text("{}")
    (tmp_path / "site_id").write_text("kept")
    user = join(root)
    user.ask("CREATE TABLE kept AS SELECT 7")

    with pytest.raises(SystemExit, match="still runs"):
        reset.reset(tmp_path)
    assert user.ask("SELECT * FROM kept") == "[(7,)]"
    user.leave()
    reset.reset(tmp_path)

    assert not localdb.Cluster(root).home.exists()
    assert [file.name for file in tmp_path.iterdir()] == ["site_id"]


@contextmanager
def running_elsewhere(cluster: localdb.Cluster, data: Path) -> Iterator[None]:
    """A server of that cluster which listens in another folder, as one of the first version does."""
    cluster.make_folders()
    cluster.binaries = cluster.reachable_binaries()
    socket = Path(tempfile.mkdtemp(dir="/tmp"))
    socket.chmod(0o777)
    cluster.run("pg_ctl", "-D", str(data), "-w", "-o", f"-c unix_socket_directories={socket}", "start")
    assert cluster.is_up(socket)
    yield
    assert not cluster.is_up(socket)
    shutil.rmtree(socket)


def test_a_server_of_the_first_version_that_nobody_uses_is_replaced(root, join):
    user = join()
    user.ask("SELECT 1")
    user.leave()

    with running_elsewhere(cluster := localdb.Cluster(root), cluster.data):
        assert join().ask("SELECT 1") == "[(1,)]"


@only_root
@pytest.mark.parametrize("umask", [0o077, 0o027])
def test_roots_works_whatever_the_umask(new, join, umask):
    assert join(new, umask=umask).ask("SELECT 1") == "[(1,)]"

    home = localdb.Cluster(new).home
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (home.parent, home, home / "nobody")}
    assert modes == {"clinic-site": 0o711, home.name: 0o711, "nobody": 0o700}
    assert {path.stat().st_mode & 0o022 for path in (home / "install").rglob("*")} == {0}
    assert {path.stat().st_mode & 0o044 for path in (home / "install").rglob("*")} == {0o044}


NEW_WHEEL = """
localdb.distribution = lambda name: types.SimpleNamespace(version="new", read_text=lambda file: "")
print(ask("SELECT 1"), end="")
"""


@only_root
def test_roots_copy_of_a_new_version_stands_beside_the_one_that_runs(root, join):
    copies = localdb.Cluster(root).home / "install"
    running = join()
    running.ask("SELECT 1")
    old = {path.name: path.stat().st_ino for path in copies.iterdir()}
    assert len(old) == 1

    assert join().ask("SELECT 1") == "[(1,)]"
    assert {path.name: path.stat().st_ino for path in copies.iterdir()} == old  # Copied once.
    upgraded = join()
    assert upgraded.do(NEW_WHEEL) == "[(1,)]"
    assert len(list(copies.iterdir())) == 2
    assert running.ask("SELECT 2") == "[(2,)]"


@only_root
def test_roots_copies_of_other_versions_go_when_the_server_starts_anew(root, join):
    copies = localdb.Cluster(root).home / "install"
    first = join()
    first.ask("SELECT 1")
    old = set(copies.iterdir())
    first.leave()
    (copies / "fresh-1").mkdir()  # Somebody was killed while copying.

    assert join().do(NEW_WHEEL) == "[(1,)]"
    assert len(set(copies.iterdir())) == 1
    assert not old & set(copies.iterdir())


ON_ANOTHER_DISK = """
rename = Path.rename
def on_one_disk(path, to):
    if path.parent != to.parent:
        assert not (path / "postmaster.pid").exists(), "a copy would be made while they change"
        raise OSError(18, "Invalid cross-device link")
    return rename(path, to)
Path.rename = on_one_disk
"""


class TestTheFirstPlaceOfRoots:
    pytestmark = only_root

    @pytest.fixture
    def old(self, root, join):
        """A cluster as the first version kept it, with a row in it."""
        user = join()
        user.ask("DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT 7")
        user.leave()
        new, nobody = localdb.Cluster(root), pwd.getpwnam("nobody")
        old = localdb.FIRST_PLACE_OF_ROOT / f"clinic-pg-{new.key}"
        old.mkdir(mode=0o700)
        os.chown(old, nobody.pw_uid, nobody.pw_gid)
        new.data.rename(old / "data")
        shutil.rmtree(new.own)  # Beside it the copy of the programs stays: to make one takes longer than the rest.
        yield old
        if old.is_symlink():
            old.unlink()
        shutil.rmtree(old, ignore_errors=True)

    def test_it_is_moved_over_once(self, old, join):
        assert join().ask("SELECT * FROM kept") == "[(7,)]"
        assert not old.exists()

    def test_it_is_copied_from_another_disk(self, old, join):
        user = join()
        user.do(ON_ANOTHER_DISK)

        assert user.ask("SELECT * FROM kept") == "[(7,)]"
        assert not old.exists()

    def test_a_server_that_was_left_running_there_is_stopped_before_it_is_copied(self, old, root, join):
        with running_elsewhere(localdb.Cluster(root), old / "data"):
            user = join()
            user.do(ON_ANOTHER_DISK)

            assert user.ask("SELECT * FROM kept") == "[(7,)]"

    def test_while_a_site_uses_it_there_the_new_one_says_so(self, old, join):
        with open(old / "users", "a") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            refused = join()

            assert refused.ask("SELECT 1") == ""
            assert "still uses the database in" in refused.leave()
        assert join().ask("SELECT * FROM kept") == "[(7,)]"

    @pytest.mark.parametrize("strange", ["owner", "link"])
    def test_what_a_stranger_put_there_is_left_alone(self, old, join, strange):
        if strange == "owner":
            os.chown(old, 12345, 12345)
        else:
            elsewhere = old.rename(old.with_name(f"{old.name}-elsewhere"))
            old.symlink_to(elsewhere)

        assert join().ask("SELECT to_regclass('kept')") == "[(None,)]"
        assert (old / "data" / "PG_VERSION").exists()
        shutil.rmtree(old.resolve())


class TestAnOrdinaryUsers:
    @pytest.fixture
    def place(self, tmp_path):
        """A folder of an ordinary user, and that user's number when the tests are root's."""
        if os.geteuid() != 0:
            yield tmp_path, {}
            return
        nobody = pwd.getpwnam("nobody")
        place = Path(tempfile.mkdtemp(dir="/tmp"))
        os.chown(place, nobody.pw_uid, nobody.pw_gid)
        probe = ["test", "-x", localdb._binaries()[0] / "postgres"]
        if subprocess.run(probe, user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[]).returncode:
            pytest.skip("The virtualenv lies in a private folder of root's")
        yield place, {"account": nobody.pw_uid}
        shutil.rmtree(place)

    def test_lies_in_the_clone_and_is_the_users_alone(self, place, join):
        folder, how = place
        user = join(folder / "postgres", umask=0o002, **how)

        assert user.ask("SHOW data_directory") == f"[('{folder}/postgres/data',)]"
        assert stat.S_IMODE((folder / "postgres").stat().st_mode) == 0o700
        assert sorted(path.name for path in folder.iterdir()) == ["postgres"]
        user.leave()

    def test_works_in_a_clone_whose_path_is_too_long_for_a_socket(self, place, join):
        folder, how = place
        deep = folder / ("a clone of 'mine' " + "x" * 60) / ("y" * 60) / "postgres"
        first, second = join(deep, **how), join(deep, **how)
        home = f"localdb.Path.expanduser = lambda self: Path({str(folder)!r}, *self.parts[1:])"
        first.do(home)
        second.do(home)

        assert first.ask("SELECT 1") == second.ask("SELECT 1") == "[(1,)]"
        assert [link.readlink() for link in (folder / ".cache" / "clinic-site").iterdir()] == [deep]
        first.leave()
        assert second.ask("SELECT 2") == "[(2,)]"
        second.leave()
        assert not (deep / "data" / "postmaster.pid").exists()


class TestFolders:
    @pytest.mark.parametrize("umask", [0o000, 0o077, 0o277])
    def test_has_its_mode_whatever_the_umask(self, tmp_path, umask):
        before = os.umask(umask)
        try:
            folders.make_folder(tmp_path / "made", 0o711)
        finally:
            os.umask(before)

        assert stat.S_IMODE((tmp_path / "made").stat().st_mode) == 0o711

    def test_a_link_is_not_followed(self, tmp_path):
        (tmp_path / "strangers").mkdir(mode=0o755)
        (tmp_path / "made").symlink_to(tmp_path / "strangers")

        with pytest.raises(OSError, match="made"):
            folders.make_folder(tmp_path / "made", 0o700)
        assert stat.S_IMODE((tmp_path / "strangers").stat().st_mode) == 0o755

    @only_root
    def test_somebody_elses_is_not_taken(self, tmp_path):
        (tmp_path / "theirs").mkdir(mode=0o777)
        os.chown(tmp_path / "theirs", 12345, 12345)

        with pytest.raises(PermissionError, match="Somebody else"):
            folders.make_folder(tmp_path / "theirs", 0o700)
        assert (tmp_path / "theirs").stat().st_uid == 12345


def manage(clone: Path, *command: str) -> None:
    ran = subprocess.run(
        [sys.executable, "manage.py", *command], cwd=clone, env={"PATH": os.environ["PATH"], "DEBUG": "1"},
        capture_output=True, text=True,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr


def test_a_command_that_needs_no_database_starts_none(clone):
    # To compress what was collected takes seconds, and no database either.
    for command in (["help"], ["check"], ["collectstatic", "--noinput", "--no-post-process"]):
        manage(clone, *command)

    assert not cluster(clone).home.exists()


def test_a_command_that_needs_a_database_starts_it_and_stops_it(clone):
    manage(clone, "shell", "-c", "from django.db import connection; connection.cursor().execute('SELECT 1')")

    assert (cluster(clone).data / "PG_VERSION").exists()
    assert not (cluster(clone).data / "postmaster.pid").exists()
