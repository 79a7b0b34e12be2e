"""No line of the log gives a card number away; and lines are whole, typed and bounded."""

import contextlib
import io
import json
import logging
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.spec import load_spec
from switch.logs import (
    ACTIONS_LOGGER,
    LINES_PER_S_MAX,
    LineFormatter,
    LogFormat,
    SwitchHandler,
    fields,
    set_up_logs,
)

# The second passes the Luhn check, the first does not.
CARDS = ("6280000000000017", "6280000000000013")
CARD = CARDS[0]
PHONE = "989121234567"
LEVELS = (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL)
FORMS: dict[str, Callable[[str], str]] = {
    "plain": lambda card: card,
    "grouped": lambda card: " ".join(card[start : start + 4] for start in range(0, 16, 4)),
    "in Persian digits": lambda card: card.translate(
        {ord("0") + digit: 0x6F0 + digit for digit in range(10)}
    ),
    "in track 2": lambda card: f"{card}=99125010000",
    "in track 2 with sentinels": lambda card: f";{card}=99125010000?",
    "packed": lambda card: f"{card}d99125010000f",
    "in characters as hexadecimal": lambda card: card.encode().hex(),
}
# What must never be seen of them: digits between the first six and the last four, and the rest of a track.
SECRETS = ("0000000001", "0000 0000 00", "۰۰۰۰۰۰۰۰۰۰", "3030303030", "99125010000")


class Output(io.StringIO):
    """What a handler has written; whoever asks waits for what is queued."""

    handler: SwitchHandler

    def getvalue(self) -> str:
        self.handler.flush()
        return super().getvalue()


Log = tuple[logging.Logger, Output, SwitchHandler]
MakeHandler = Callable[..., tuple[SwitchHandler, Output]]


@pytest.fixture(params=list(LogFormat))
def log(request: pytest.FixtureRequest) -> Iterator[Log]:
    """A logger set up as a switch's, its output, its handler; everything is put back afterwards."""
    root = logging.getLogger()
    kept = root.handlers[:], root.level, sys.excepthook, threading.excepthook, sys.unraisablehook
    stream = Output()
    handler = stream.handler = set_up_logs("DEBUG", request.param, stream)
    yield logging.getLogger("switch.test"), stream, handler
    handler.close()
    root.handlers[:], sys.excepthook, threading.excepthook, sys.unraisablehook = kept[0], *kept[2:]
    root.setLevel(kept[1])
    logging.captureWarnings(capture=False)


@pytest.fixture
def make_handler() -> Iterator[MakeHandler]:
    """Makes handlers that are no logger's, and their outputs."""
    with contextlib.ExitStack() as stack:

        def make(clock: Callable[[], float] = time.monotonic) -> tuple[SwitchHandler, Output]:
            stream = Output()
            handler = stream.handler = SwitchHandler(stream, clock)
            stack.callback(handler.close)
            return handler, stream

        yield make


def assert_clean(text: str) -> None:
    assert text
    for secret in SECRETS:
        assert secret not in text, text


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("card", CARDS)
def test_no_line_leaks_a_card_number(log: Log, level: int, form: str, card: str) -> None:
    logger, stream, handler = log
    planted = FORMS[form](card)
    logger.log(level, "card %s came", planted)
    logger.log(level, f"card {planted} came")
    logger.log(level, "card %r", [{"card": planted}])
    logger.log(level, "card", extra=fields(card_number=planted, track_2=planted, anything=planted))
    logger.log(level, "card %s", planted, extra=fields(stan=17))
    handler.emit(logging.LogRecord("a", level, "", 0, "card %d %d", (planted,), None))
    try:
        try:
            raise KeyError(planted)
        except KeyError as error:
            raise ValueError(f"no such card: {planted}") from error
    except ValueError:
        logger.log(level, "failed", exc_info=True)
        logger.log(level, "failed", exc_info=True, stack_info=True)
    logging.getLogger(f"other.{level}").log(level, planted)
    assert len(stream.getvalue().splitlines()) >= 9
    assert_clean(stream.getvalue())


@pytest.mark.parametrize(
    "value",
    [
        bytes.fromhex(CARD),
        bytearray(CARD, "ascii"),
        [f"{CARD}=99125010000".encode()],
        {"payload": CARD.encode("cp037")},
    ],
)
def test_bytes_never_appear(log: Log, value: object) -> None:
    logger, stream, _ = log
    logger.warning("bytes %s and %r", value, value)
    logger.warning("cut off %s", "x " * 4070 + repr(value))
    logger.error("failed", exc_info=ValueError(value))
    assert "<bytes>" in stream.getvalue()
    assert_clean(stream.getvalue())
    for part in (r"b\x80", "628", "99125", r"\xf6\xf2"):
        assert part not in stream.getvalue()


def test_fields_are_masked_as_the_spec_says(log: Log) -> None:
    logger, stream, _ = log
    logger.warning(
        "phone %s",
        PHONE,
        extra=fields(phone=PHONE, member_name="سارا", pin_block="0123456789abcdef", stan=42),
    )
    text = stream.getvalue()
    for secret in (PHONE, "سارا", "0123456789abcdef", PHONE[3:9]):
        assert secret not in text
    assert "42" in text


def test_card_numbers_keep_six_and_four(log: Log) -> None:
    logger, stream, _ = log
    logger.warning("card", extra=fields(card_number=CARD))
    assert "628000******0017" in stream.getvalue()


def test_numbers_that_are_no_secret_stay_as_they_are(log: Log) -> None:
    logger, stream, _ = log
    logger.info("replayed %d entries in %.2f s", 123456, 1.5, extra=fields(position=77, ok=True, link=None))
    text = stream.getvalue()
    assert "replayed 123456 entries in 1.50 s" in text
    if text.startswith("{"):
        assert json.loads(text)["fields"] == {"position": 77, "ok": True, "link": None}
    else:
        assert "position=77 ok=True link=None" in text


@given(st.text())
def test_any_text_is_one_line(text: str) -> None:
    for form in LogFormat:
        formatter = LineFormatter(form, load_spec("vafa"))
        line = formatter.format(logging.LogRecord("a", logging.INFO, "", 0, "%s", (text,), None))
        assert len(line.splitlines()) == 1
        assert line.encode()
        if form is LogFormat.JSON:
            assert set(json.loads(line)) == {"at", "level", "logger", "text"}


def test_json_lines_have_their_parts(log: Log) -> None:
    logger, stream, _ = log
    try:
        raise OSError(28, "No space left on device")
    except OSError:
        logger.exception("journal write failed: %s", "var/journal")
    text = stream.getvalue()
    if not text.startswith("{"):
        assert text.splitlines()[0].endswith(" ERROR switch.test: journal write failed: var/journal")
        assert text.splitlines()[-1] == "  OSError: [Errno 28] No space left on device"
        return
    line = json.loads(text)
    assert (line["level"], line["logger"]) == ("error", "switch.test")
    assert line["text"] == "journal write failed: var/journal"
    assert "No space left on device" in line["exception"]
    assert line["at"].endswith("Z")


def test_what_comes_too_often_is_held_back_and_told(make_handler: MakeHandler) -> None:
    now_s = [5.0]
    handler, stream = make_handler(lambda: now_s[0])
    record = logging.LogRecord("a", logging.WARNING, "", 0, "wrong MAC of %s", ("T1",), None)
    for _ in range(LINES_PER_S_MAX + 7):
        handler.emit(record)
    assert len(stream.getvalue().splitlines()) == LINES_PER_S_MAX
    assert handler.held_back == 7
    handler.emit(logging.LogRecord("a", logging.WARNING, "", 0, "something else", (), None))
    now_s[0] = 6.0
    handler.emit(record)
    assert len(stream.getvalue().splitlines()) == LINES_PER_S_MAX + 2
    assert handler.lines["warning"] == LINES_PER_S_MAX + 2
    assert getattr(record, "fields", None) == {"held_back": 7}


def test_what_people_order_is_never_held_back(make_handler: MakeHandler) -> None:
    handler, stream = make_handler(lambda: 5.0)
    for number in range(LINES_PER_S_MAX + 7):
        handler.emit(logging.LogRecord(ACTIONS_LOGGER, logging.INFO, "", 0, "discarded %d", (number,), None))
    assert len(stream.getvalue().splitlines()) == LINES_PER_S_MAX + 7
    assert handler.held_back == 0


def test_kinds_are_bounded(make_handler: MakeHandler) -> None:
    handler, _ = make_handler()
    for number in range(5000):
        handler.emit(logging.LogRecord("a", logging.INFO, "", 0, f"kind {number}", (), None))
    assert handler.lines["info"] == 5000
    assert len(handler._kinds) <= 512


def test_a_stream_that_fails_does_not_tell_the_arguments(
    make_handler: MakeHandler, capsys: pytest.CaptureFixture[str]
) -> None:
    handler, stream = make_handler()
    stream.close()
    handler.emit(logging.LogRecord("a", logging.INFO, "", 0, "card %s", (CARD,), None))
    handler.flush()
    assert handler.dropped == 1
    assert capsys.readouterr() == ("", "")


def test_warnings_are_lines_too(log: Log) -> None:
    _, stream, _ = log
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn(f"card {CARD}", UserWarning, stacklevel=1)
    logging.captureWarnings(capture=False)
    assert "UserWarning" in stream.getvalue()
    assert_clean(stream.getvalue())


@pytest.mark.parametrize("form", list(LogFormat))
@pytest.mark.parametrize(
    "where", ["raise ValueError(card)", "t = T(target=int, args=(card + 'x',)); t.start()"]
)
def test_uncaught_exceptions_are_masked(form: LogFormat, where: str) -> None:
    script = (
        "import sys; from threading import Thread as T; from switch.logs import LogFormat, set_up_logs\n"
        f"set_up_logs('INFO', LogFormat({form.value!r}), sys.stderr)\ncard = sys.argv[1]\n{where}\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, CARD], capture_output=True, text=True, timeout=60, check=False
    )
    assert "ValueError" in done.stderr
    assert_clean(done.stderr)
