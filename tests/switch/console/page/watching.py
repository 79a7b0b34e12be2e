"""A Chromium in which people look at a switch's console."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from playwright.sync_api import Browser, Page

from simulator.load import Load, LoadResult, checked_plan
from simulator.scripts import Profile
from simulator.virtual_switch.process import SwitchProcess
from switch.console.access.door import COOKIE
from tests.simulator.screen.chromium import Watched
from tests.switch.console.people import Browser as Person
from tests.switch.console.people import code_now, put_users, user_of

_PERSIAN = str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789", "٬,'")


class Visitors:
    """People who have logged in, one of each role, before a browser's pages."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        # A supervisor's code opens once: everybody logs in once at each run of a switch.
        self._cookies: dict[tuple[int, str], str] = {}

    @contextmanager
    def looking(
        self,
        switch: SwitchProcess,
        view: str = "",
        *,
        language: str = "en",
        theme: str = "light",
        size: tuple[int, int] = (1280, 900),
        role: str = "operator",
    ) -> Iterator[Watched]:
        """A page in a browser that was never here before, of somebody with a role; "" for a stranger."""
        width, height = size
        context = self._browser.new_context(
            viewport={"width": width, "height": height},
            locale="fa-IR" if language == "fa" else "en-GB",
            color_scheme=theme,  # type: ignore[arg-type]
            reduced_motion="reduce",
        )
        try:
            watched = Watched(context, switch.operations)
            if role:
                self.let_in(watched.page, switch, role)
            watched.page.goto(f"{switch.operations}/console#{view}")
            yield watched
        finally:
            context.close()

    def let_in(self, page: Page, switch: SwitchProcess, role: str) -> None:
        """Give the page's browser the cookie of a login."""
        assert switch.process is not None
        key = (switch.process.pid, role)
        if key not in self._cookies:
            put_users(switch, user_of(role, role))
            person = Person(switch).log_in(role, code_now() if role == "supervisor" else "")
            self._cookies[key] = person.cookies[COOKIE]
        page.context.add_cookies([{
            "name": COOKIE, "value": self._cookies[key], "url": f"{switch.operations}/console",
            "httpOnly": True, "sameSite": "Strict",
        }])  # fmt: skip


def figure(page: Page, selector: str) -> int:
    """The first whole number of a text, in either script; -1 where there is none."""
    words = page.locator(selector).first.inner_text().translate(_PERSIAN).split()
    return next((int(word) for word in words if word.isdecimal()), -1)


class RunningLoad:
    """A load in a thread beside the browser; `result` is there when the block has ended."""

    def __init__(
        self,
        profile: Profile,
        address: tuple[str, int],
        stages: Sequence[dict[str, object]],
        **plan: object,
    ) -> None:
        document = checked_plan({"format": 1, "stages": list(stages), **plan}, "plan")
        self._load = Load(document, profile, address, lambda _: None)
        self._thread = threading.Thread(target=self._run)
        self._found: list[LoadResult] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._load.stop("the test has failed")
        self._thread.join()

    @property
    def result(self) -> LoadResult:
        """What came of it, once it is over."""
        self._thread.join()
        return self._found[0]

    def _run(self) -> None:
        self._found.append(self._load.run())


Condition = Callable[[], bool]


def wait_until(page: Page, condition: Condition, seconds: float) -> None:
    """The page goes on meanwhile."""
    for _ in range(int(seconds * 20)):
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"not within {seconds} s")
