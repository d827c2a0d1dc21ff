"""
The fast tests once more as if it were another day: at moments where clocks and calendars do something.

Two moments at a time, each on a database of its own; MOMENTS=2 runs the first two alone. A browser, workers and a
launched site would keep the machine's clock, and the database does: see `real_time` and CLOCK in tests/conftest.py. Two
kinds run at the last moment alone:
- Tests with a moment of their own see no other, and show there that they don't.
- `many_pages`: who may open an address, and what an odd id does there, is asked of hundreds, for each role; a fourth of
  all the time. What a moment does to a page is seen at each of them, by the tests of that page and by those that open
  every page once. What stands on the list is named in tests/test_clocks.py: nothing joins it by being slow.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
MOMENTS = int(os.environ.get("MOMENTS", "7"))
HALF_AN_HOUR = timedelta(minutes=30)
LIVING_TODAY = "not real_time and not own_moment and not many_pages"
ALL = "not real_time"


def main() -> None:
    with ThreadPoolExecutor(2) as two:
        failed = sum(two.map(run, count(), islice(moments(datetime.now(UTC)), MOMENTS)))
    sys.exit(1 if failed else 0)


def moments(now: datetime) -> Iterator[tuple[str, datetime, str]]:
    """What to call each moment, when it is, and the tests to run then."""
    yield "in 400 days", now + timedelta(days=400), LIVING_TODAY
    yield "in 40 days, before midnight UTC", (now + timedelta(days=40)).replace(hour=23, minute=50), LIVING_TODAY
    for change in clock_changes(now):
        yield f"before clocks change on {change:%B %-d}", change - HALF_AN_HOUR, LIVING_TODAY
        yield f"after clocks change on {change:%B %-d}", change + HALF_AN_HOUR, LIVING_TODAY
    new_year = datetime(now.year + 1, 1, 1, tzinfo=NEW_YORK).astimezone(UTC)
    yield "on New Year's Eve, before midnight", new_year - timedelta(minutes=10), ALL


def clock_changes(now: datetime) -> Iterator[datetime]:
    """When New York's clocks change in the coming year, in UTC."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    for _ in range(366 * 24):
        before, hour = hour, hour + timedelta(hours=1)
        if before.astimezone(NEW_YORK).utcoffset() != hour.astimezone(NEW_YORK).utcoffset():
            yield hour


def run(number: int, what: tuple[str, datetime, str]) -> bool:
    """Run the tests of a moment as if it were now, on database `number`, and say how it went; whether it failed."""
    name, moment, tests = what
    began = time.monotonic()
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-m", tests, "-p", "no:cacheprovider", *sys.argv[1:]],
        env=os.environ | {"CLOCK": f"{moment:%Y-%m-%dT%H:%MZ}", "TEST_DATABASE": f"test_clinic_{number}"},
        capture_output=True, text=True,
    )  # fmt: skip
    said = ran.stdout + ran.stderr if ran.returncode else ran.stdout.strip().rpartition("\n")[2]
    word = "FAIL" if ran.returncode else "ok  "
    print(f"{word} {f'{moment:%Y-%m-%d %H:%M}Z {name}':60} {time.monotonic() - began:5.1f} s  {said}", flush=True)
    return ran.returncode != 0


if __name__ == "__main__":
    main()
