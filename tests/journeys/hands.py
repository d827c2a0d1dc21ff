"""What somebody does at a desk, counted: keys, clicks, and the pages that are loaded for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from playwright.sync_api import Locator, Page, Request


class Cost(NamedTuple):
    clicks: int
    keys: int
    loads: int

    def __str__(self) -> str:
        return " / ".join(map(str, self))


class Hands:
    def __init__(self, page: Page):
        self.page, self.keys, self.clicks, self.loads = page, 0, 0, 0
        # What each task took, and what it may take.
        self.tasks: list[tuple[str, Cost, Cost, Cost]] = []
        page.on("request", self._asked)

    def _asked(self, request: Request) -> None:
        # An answer that leads on is one load with the page that it leads to.
        self.loads += request.is_navigation_request() and request.redirected_from is None

    def type(self, words: str) -> None:
        self.keys += len(words)
        self.page.keyboard.type(words)

    def press(self, *keys: str) -> None:
        # A page's keys are heard by its script, and nobody's hands are faster than that.
        self.page.wait_for_load_state()
        for key in keys:
            self.keys += 1
            self.page.keyboard.press(key)

    def access_key(self, letter: str) -> None:
        """Press Alt and the letter. Playwright's own way leaves out the sign that Chromium looks for."""
        self.keys += 1
        session = self.page.context.new_cdp_session(self.page)
        alt = {"key": "Alt", "code": "AltLeft", "windowsVirtualKeyCode": 18, "modifiers": 1}
        code = {"code": f"Key{letter.upper()}", "windowsVirtualKeyCode": ord(letter.upper()), "modifiers": 1}
        said = {"key": letter, "text": letter, "unmodifiedText": letter}
        for event in ({"type": "rawKeyDown", **alt}, {"type": "keyDown", **code, **said}, {"type": "keyUp", **alt}):
            session.send("Input.dispatchKeyEvent", event)

    def click(self, place: Locator) -> None:
        self.clicks += 1
        place.click(position={"x": 12, "y": 12})  # Of a day, on its month.

    def choose(self, place: Locator, words: str) -> None:
        """Open a list, and press one of its lines."""
        self.clicks += 2
        place.select_option(label=words)

    @contextmanager
    def task(self, name: str, goal: tuple[int, int, int], limit: tuple[int, int, int] | None = None) -> Iterator[None]:
        """Count what the block does; `limit` where the goal is missed. The block ends when its page is there."""
        self.clicks = self.keys = self.loads = 0
        yield
        took = Cost(self.clicks, self.keys, self.loads)
        self.tasks.append((name, took, Cost(*goal), Cost(*(limit or goal))))

    def over(self) -> list[str]:
        """The tasks that took more than they may."""
        return [
            name
            for name, took, _goal, limit in self.tasks
            if any(more > most for more, most in zip(took, limit, strict=True))
        ]

    def table(self) -> str:
        """All tasks: what they took beside the goal, as clicks / keys / loads."""
        lines = [f"{'clicks / keys / loads':44}{'took':>14}{'goal':>14}"]
        for name, took, goal, limit in self.tasks:
            missed = f"   may take {limit}" if limit != goal else ""
            lines.append(f"{name:44}{took!s:>14}{goal!s:>14}{missed}")
        return "\n".join(lines)
