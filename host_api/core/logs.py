"""Logs to stderr, one line an event, UTC, with anything that looks like a card number masked."""

import logging
import re
import sys
import time

from host_api.core.request_id import present_request_id

_CARD_NUMBER = re.compile(r"(?<![0-9])([0-9]{6})[0-9]{3,9}([0-9]{4})(?![0-9])")


def mask_card_numbers(text: str) -> str:
    """`text` with every run of 13 to 19 digits cut to its first six and last four."""
    return _CARD_NUMBER.sub(r"\1******\2", text)


class _MaskingFormatter(logging.Formatter):
    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        request_id = present_request_id()
        text = mask_card_numbers(super().format(record))
        return text if request_id is None else f"{text} [{request_id}]"


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
