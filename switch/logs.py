"""Logs: one line for people or one JSON object, masked like messages, bounded, and never waited for.

A line's text, exception and fields are read as one message, by `protocol.presentation.masking`: a field that
the spec masks is masked here, and what it holds is hidden in the rest of the line too. Besides, no run of
twelve digits or more is shown whole, check digit or not: a club's own numbers may have none. Bytes never
appear.
"""

import json
import logging
import re
import sys
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from types import TracebackType
from typing import Final, TextIO

from protocol.presentation.card_numbers import keep_ends
from protocol.presentation.masking import STAR, Masking
from protocol.presentation.spans import Element, Reading
from protocol.spec import SpecDocument, load_spec
from protocol.spec.schema import Mask
from switch.log_writer import QUEUE_CHARACTERS_MAX, LineWriter

# Of one kind (logger and template) in a second; what is more is counted.
LINES_PER_S_MAX: Final = 20
# What people order; each of its lines counts, so that none is held back.
ACTIONS_LOGGER: Final = "switch.actions"
TEXT_CHARACTERS_MAX: Final = 8192
# How long the end of the process waits for a log that nobody reads.
FLUSH_TIMEOUT_S: Final = 2.0
_KINDS_MAX = 512
_LEVELS = ("debug", "info", "warning", "error", "critical")
# A literal without its end was cut off with the rest of the line.
_BYTES = re.compile(
    r"""\b[bB](?:ytearray\(b)?(?:'(?:[^'\\]|\\.)*(?:'|\\?\Z)|"(?:[^"\\]|\\.)*(?:"|\\?\Z))\)?""", re.DOTALL
)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LONG_NUMBER = re.compile(r"(\d(?:[ -]?\d){11,})([=^Dd][^?\s]*)?")
_TEXT, _EXCEPTION = "text", "exception"

FieldValue = str | int | bool | None


class LogFormat(StrEnum):
    """How lines are written."""

    TEXT = "text"
    JSON = "json"


def fields(**values: FieldValue) -> dict[str, Mapping[str, FieldValue]]:
    """What a line is about: `_LOG.info("link up", extra=fields(link=name))`.

    A name of the message spec (`card_number`, `phone`, …) is masked as the spec says.
    """
    return {"fields": values}


class LineFormatter(logging.Formatter):
    """Writes records as masked lines. Never raises for what a record holds."""

    def __init__(self, form: LogFormat, spec: SpecDocument) -> None:
        super().__init__()
        self._form = form
        self._spec = spec
        named = {field.name: field.mask for field in spec.fields.values()}
        self._masks: dict[str, Mask | None] = named | {tag.name: tag.mask for tag in spec.tags.values()}

    def format(self, record: logging.LogRecord) -> str:
        """One line, without its end; in text an exception follows on lines of its own."""
        values: dict[str, FieldValue] = {_TEXT: _text_of(record)}
        if record.exc_info:
            values[_EXCEPTION] = self.formatException(record.exc_info)
        elif record.exc_text:
            values[_EXCEPTION] = record.exc_text
        given = getattr(record, "fields", None)
        own = {str(name): value for name, value in given.items()} if isinstance(given, Mapping) else {}
        shown = self._masked({**{f".{name}": value for name, value in own.items()}, **values})
        told = {name: shown[f".{name}"] for name in own}
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        exception = shown.get(_EXCEPTION)
        if self._form is LogFormat.JSON:
            line: dict[str, object] = {
                "at": at.replace("+00:00", "Z"),
                "level": record.levelname.lower(),
                "logger": record.name,
                "text": shown[_TEXT],
                **({"fields": told} if told else {}),
                **({"exception": exception} if exception else {}),
            }
            return _escaped(json.dumps(line, ensure_ascii=False))
        extra = "".join(f" {name}={_escaped(str(value))}" for name, value in told.items())
        head = f"{at.replace('+00:00', 'Z')} {record.levelname} {record.name}: {_escaped(str(shown[_TEXT]))}"
        behind = (
            ""
            if exception is None
            else "".join(f"\n  {_escaped(line)}" for line in str(exception).split("\n"))
        )
        return f"{head}{extra}{behind}"

    def _masked(self, values: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
        """The values with their secrets hidden; those that hide nothing keep their type."""
        texts = {name: _without_bytes(str(value)) for name, value in values.items()}
        elements = [self._element(name, text) for name, text in texts.items()]
        masking = Masking(Reading(self._spec, b"", None, 0, 0, (), tuple(elements), ()))
        shown = {element.path: _without_long_numbers(masking.shown(element)) for element in elements}
        return {
            name: value if not isinstance(value, str) and shown[name] == str(value) else shown[name]
            for name, value in values.items()
        }

    def _element(self, name: str, text: str) -> Element:
        mask = self._masks.get(name.removeprefix(".")) if name.startswith(".") else None
        return Element(name, name, "text", name, None, mask, None, None, 0, 0, 0, text)


class SwitchHandler(logging.Handler):
    """Has lines written to a stream, without waiting for it; holds back what comes too often, and counts.

    `lines` are those that were taken to be written, by level; `held_back` those that weren't. The next of
    their kind says how many.
    """

    def __init__(
        self,
        stream: TextIO,
        monotonic: Callable[[], float] = time.monotonic,
        queue_characters_max: int = QUEUE_CHARACTERS_MAX,
    ) -> None:
        super().__init__()
        self._monotonic = monotonic
        self._kinds: dict[tuple[str, str], list[int]] = {}
        self._writer = LineWriter(stream, self._dropped_line, queue_characters_max)
        self.lines = dict.fromkeys(_LEVELS, 0)
        self.held_back = 0

    @property
    def dropped(self) -> int:
        """Lines that could not be written, as whoever takes them does not read."""
        return self._writer.dropped

    def emit(self, record: logging.LogRecord) -> None:
        """Queue a record's line, unless its kind has had its share of this second."""
        kind = (record.name, str(record.msg))
        second = int(self._monotonic())
        if len(self._kinds) >= _KINDS_MAX and kind not in self._kinds:
            self._kinds.clear()
        share = self._kinds.setdefault(kind, [second, 0, 0])
        if share[0] != second:
            share[0], share[1] = second, 0
        if share[1] >= LINES_PER_S_MAX and record.name != ACTIONS_LOGGER:
            share[2] += 1
            self.held_back += 1
            return
        share[1] += 1
        missed, share[2] = share[2], 0
        if missed:
            told = getattr(record, "fields", None)
            record.fields = {**(told if isinstance(told, Mapping) else {}), "held_back": missed}
        try:
            line = self.format(record)
        except Exception:
            self.handleError(record)
            return
        if self._writer.put(f"{line}\n"):
            self.lines[_LEVELS[min(max(record.levelno // 10, 1), 5) - 1]] += 1

    def flush(self) -> None:
        """Wait a little for everything to be written; at exit nobody may be there to read it."""
        self._writer.flush(FLUSH_TIMEOUT_S)

    def close(self) -> None:
        """Take no more."""
        self._writer.close()
        super().close()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  (logging's own name)
        """A line that can't be made is nobody's to hear of; the record's arguments go nowhere else."""

    def _dropped_line(self, count: int) -> str:
        record = logging.LogRecord(
            "switch.logs",
            logging.WARNING,
            "",
            0,
            "%d lines were dropped, as the log was not read",
            (count,),
            None,
        )
        record.fields = {"dropped": count}
        return f"{self.format(record)}\n"


def set_up_logs(level: str, form: LogFormat, stream: TextIO) -> SwitchHandler:
    """Send everything that is logged in this process, uncaught exceptions too, to a stream."""
    handler = SwitchHandler(stream)
    handler.setFormatter(LineFormatter(form, load_spec("vafa")))
    root = logging.getLogger()
    for other in list(root.handlers):
        root.removeHandler(other)
    root.addHandler(handler)
    root.setLevel(level)
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_uncaught
    threading.excepthook = lambda caught: _log_uncaught(
        caught.exc_type, caught.exc_value, caught.exc_traceback
    )
    sys.unraisablehook = lambda caught: _log_uncaught(caught.exc_type, caught.exc_value, caught.exc_traceback)
    return handler


def _log_uncaught(
    kind: type[BaseException], error: BaseException | None, traceback: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("switch").critical(
        "uncaught", exc_info=(kind, error if error is not None else kind(), traceback)
    )


def _text_of(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # a wrong template must not cost the line, nor show its arguments
        return f"{record.msg} (its arguments don't fit)"


def _without_bytes(text: str) -> str:
    return _BYTES.sub("<bytes>", text[:TEXT_CHARACTERS_MAX])


def _without_long_numbers(text: str) -> str:
    return _LONG_NUMBER.sub(_shortened, text)


def _shortened(found: re.Match[str]) -> str:
    number, track = found[1], found[2] or ""
    hidden = set(keep_ends([place for place, char in enumerate(number) if char.isdecimal()]))
    shown = "".join(STAR if place in hidden else char for place, char in enumerate(number))
    return shown + track[:1] + STAR * (len(track) - 1)


def _escaped(text: str) -> str:
    """As JSON writes what is no character to look at."""
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
