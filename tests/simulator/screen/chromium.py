"""`vafa terminal` as its user starts it, and a real headless Chromium to open its page in."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)

CHROMIUM = "/usr/bin/chromium"
VAFA = Path(sys.executable).with_name("vafa")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
TIMEOUT_MS = 10_000


class RunningCommand:
    """The command with the address it printed."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process = process
        self.address = address
        self.origin = "http://" + urlsplit(address).netloc

    @property
    def machines(self) -> int:
        """How many MicroPython processes it has."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        names = [Path(f"/proc/{child}/cmdline") for child in children]
        return sum(b"micropython" in name.read_bytes() for name in names if name.exists())


@contextmanager
def running(directory: Path, *arguments: str) -> Iterator[RunningCommand]:
    """The command, until the block ends with Ctrl-C, after which it must end by itself and in order."""
    command = [str(VAFA), "terminal", "--no-browser", "--var", str(directory), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            address = process.stdout.readline().strip()
            assert address.startswith("http://127.0.0.1:"), process.stderr and process.stderr.read()
            yield RunningCommand(process, address)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=20)
            assert process.returncode == 0, errors
            assert "Traceback" not in errors, errors
        finally:
            process.kill()


@contextmanager
def browser_here() -> Iterator[Browser]:
    """A Chromium of our own."""
    expect.set_options(timeout=TIMEOUT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


class Watched:
    """A page that must log no error, and ask nobody but its own server."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.faults: list[str] = []
        self._origins = (origin, origin.replace("http:", "ws:"), "blob:" + origin)
        self.page = context.new_page()
        self.page.set_default_timeout(TIMEOUT_MS)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", self._asked)
        self.page.on("websocket", lambda socket: self._went(socket.url))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(message.text)

    def _asked(self, request: Request) -> None:
        self._went(request.url)

    def _went(self, url: str) -> None:
        if not url.startswith(self._origins):
            self.faults.append(f"asked {url}")


@contextmanager
def opened(
    browser: Browser, command: RunningCommand, *, width: int = 1200, height: int = 900, path: str = ""
) -> Iterator[Page]:
    """A page of a browser that was never here before; `path` is where it goes behind the first one."""
    context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    watched = Watched(context, command.origin)
    try:
        watched.page.goto(command.address)
        if path:
            watched.page.goto(command.origin + path)
        yield watched.page
    finally:
        context.close()
    assert watched.faults == []


def in_state(page: Page, state: str) -> None:
    """Wait until the terminal's flow is there."""
    try:
        expect(page.locator("#device")).to_have_attribute("data-state", state)
    except AssertionError as error:
        raise AssertionError(page.locator("#gone-text").inner_text()) from error
