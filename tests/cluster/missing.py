"""What a cluster needs of this machine, and the words for what it has not."""

import shutil

# The programs, and Debian's packages that bring them.
PACKAGES = {
    "patroni": "patroni python3-etcd python3-psycopg2",
    "etcd": "etcd-server",
    "haproxy": "haproxy",
    "pgbouncer": "pgbouncer",
    "nginx": "nginx",
    "ip": "iproute2",
}
# Debian keeps what only root is expected to start out of an account's PATH.
PATHS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def find(program: str) -> str | None:
    return shutil.which(program) or shutil.which(program, path=PATHS)


def sentence() -> str:
    """What is missing and how to get it, or nothing."""
    missing = [program for program in PACKAGES if not find(program)]
    if not missing:
        return ""
    packages = " ".join(PACKAGES[program] for program in missing)
    return (
        f"Missing on this machine: {', '.join(missing)}. On Debian:\n"
        f"  apt-get update && apt-get install --no-install-recommends {packages}\n"
        "Debian starts what it installs, and here each program is started with a configuration of its own: stop "
        "theirs, or let them not start (a /usr/sbin/policy-rc.d that ends with 101)."
    )
