"""Logs to stderr, one line an event, UTC, with anything that looks like a card number masked."""

import logging
import re
import sys
import time
from contextvars import ContextVar

from host_api.core.request_id import present_request_id

# For which programme the task works, where it works for one as long as it lives.
logged_programme: ContextVar[str | None] = ContextVar("logged_programme", default=None)

_CARD_NUMBER = re.compile(r"(?<![0-9])([0-9]{6})[0-9]{3,9}([0-9]{4})(?![0-9])")


def mask_card_numbers(text: str) -> str:
    """`text` with every run of 13 to 19 digits cut to its first six and last four."""
    return _CARD_NUMBER.sub(r"\1******\2", text)


class _MaskingFormatter(logging.Formatter):
    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        text = mask_card_numbers(super().format(record))
        about = present_request_id() or logged_programme.get()
        return text if about is None else f"{text} [{about}]"


def log_to_stderr(level: int = logging.INFO) -> None:
    """Send the logs of the whole process to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _MaskingFormatter("%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S")
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # These log each connection or request; what matters of them is logged here.
    for chatty in ("httpx2", "httpcore2", "aiosqlite", "alembic.runtime.plugins"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
