"""The likely cause of a failure: rules from the most telling to the least, the first that fits is told."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from protocol.message import Message
from protocol.presentation.hints import hint as presentation_hint
from protocol.presentation.spans import Reading, read
from protocol.rules_of_type import validate
from protocol.spec import SpecDocument
from protocol.spec.schema import Title
from simulator.scripts.clock import seconds_ahead, zone_minutes
from simulator.scripts.mac_trial import mac_mistake
from simulator.scripts.repair import mistake_in

_HEAD_BYTES = 2


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known where a script fails; whatever doesn't concern the failure is left empty.

    `stream` are bytes that came and are no whole frame. `reading` is the message that came, `sent` ours that
    it should answer. `key` is the right key of its MAC where that doesn't fit, `other_keys` likely wrong ones
    by the rule that names them. `path`, `expected` and `got` are a value that differs. `awaited` is what did
    not come: the type of a request, or "link".
    """

    spec: SpecDocument
    epoch_ms: int
    stream: bytes = b""
    reading: Reading | None = None
    sent: Message | None = None
    key: bytes | None = None
    other_keys: tuple[tuple[str, bytes], ...] = ()
    path: str = ""
    expected: str = ""
    got: str | None = None
    echoes: bool = False
    signed_on: bool = True
    stan_reused: bool = False
    strays: bool = False
    closed: bool = False
    waited: bool = False
    unsigned: bool = False
    awaited: str = ""


@dataclass(frozen=True, slots=True)
class Hint:
    """A likely cause: the rule that found it, its sentence, and a place in the message handbook."""

    rule: str
    text: Title
    anchor: str


def advise(situation: Situation) -> Hint | None:
    """The likely cause, None where no rule fits."""
    for rule in _RULES:
        name = rule(situation)
        if name:
            return hint_named(name)
    return _of_presentation(situation)


def hint_named(name: str) -> Hint:
    """The hint of a rule."""
    known = _hints()[name]
    return Hint(name, Title(en=known["en"], fa=known["fa"]), known["anchor"])


def hint_names() -> tuple[str, ...]:
    """All rules."""
    return tuple(_hints())


@cache
def _hints() -> dict[str, dict[str, str]]:
    return tomllib.loads(files("simulator.scripts").joinpath("hints.toml").read_text("utf-8"))


def _of_stream(situation: Situation) -> str | None:
    stream = situation.stream
    if len(stream) < _HEAD_BYTES:
        return None
    announced, there = int.from_bytes(stream[:2], "big"), len(stream) - 2
    if stream[:4].isdigit() and len(stream) >= 4 and int(stream[:4]) == len(stream) - 4:
        return "length_ascii"
    if _is_message(situation, stream):
        return "length_missing"
    if announced != there and int.from_bytes(stream[:2], "little") == there:
        return "length_little_endian"
    if announced == there + 2 and _is_message(situation, stream[2:]):
        return "length_counts_itself"
    return None


def _is_message(situation: Situation, payload: bytes) -> bool:
    reading = read(situation.spec, payload)
    return not reading.faults and reading.mti in situation.spec.messages


def _of_mac(situation: Situation) -> str | None:
    if situation.key is None or situation.reading is None:
        return None
    found = mac_mistake(situation.spec, situation.reading.payload, situation.key, situation.other_keys)
    return found or "mac_wrong_key"


def _of_format(situation: Situation) -> str | None:
    if situation.reading is None or not situation.reading.faults:
        return None
    found = mistake_in(situation.spec, situation.reading.payload)
    return found[0].value if found else None


def _of_silence(situation: Situation) -> str | None:
    if situation.closed:
        return "closed_unknown_terminal" if situation.sent is not None else "closed"
    if situation.waited and situation.unsigned:
        return "sign_on_missing"
    if situation.awaited:
        return _AWAITED.get(situation.awaited, "request_missing")
    if situation.waited and situation.strays:
        return "reply_to_another"
    return "silent" if situation.waited and situation.sent is not None else None


def _of_code(situation: Situation) -> str | None:
    if situation.path != "39":
        return None
    if situation.got == "58":
        return "terminal_not_permitted" if situation.signed_on else "sign_on_missing"
    if situation.got == "94" and situation.stan_reused:
        return "stan_reused"
    if situation.got == "30" and situation.sent is not None:
        wrong = validate(situation.spec, situation.sent)
        lacks = any(each.code == "missing_field" and each.path not in ("64", "128") for each in wrong)
        return "ours_lacks_field" if lacks else "format_of_ours"
    return {"63": "mac_refused", "14": "card_unknown", "03": "merchant_unknown"}.get(situation.got or "")


def _of_time(situation: Situation) -> str | None:
    if situation.path not in ("7", "48.DF0B") or situation.got is None or situation.echoes:
        return None
    ahead_s = seconds_ahead(situation.got, situation.epoch_ms)
    if ahead_s is None or abs(ahead_s) <= 1:
        return None
    return "clock_wrong" if zone_minutes(ahead_s) is None else "time_zone"


def _of_value(situation: Situation) -> str | None:
    got, expected = situation.got, situation.expected
    if not situation.path:
        return None
    if situation.path == "11" and situation.stan_reused:
        return "stan_reused"
    if got is None:
        return "not_echoed" if situation.echoes else "field_missing"
    if got != expected and got.strip(" ").lstrip("0") == expected.strip(" ").lstrip("0"):
        return "not_padded"
    if _is_tenfold(got, expected) or _is_tenfold(expected, got):
        return "unit_of_money"
    return "not_echoed" if situation.echoes else None


def _is_tenfold(text: str, other: str) -> bool:
    return text.isdecimal() and other.isdecimal() and int(text) == 10 * int(other) > 0


def _of_presentation(situation: Situation) -> Hint | None:
    """What `vafa message view` says of bytes that can't be read; it says it in English."""
    reading = situation.reading
    if reading is None or not reading.faults:
        return None
    text = presentation_hint(reading, reading.faults[0])
    return Hint("format", Title(en=text, fa=text), "framing") if text else None


_AWAITED = {"link": "link_missing", "0400": "reversal_missing", "0401": "reversal_not_repeated"}
_RULES: tuple[Callable[[Situation], str | None], ...] = (
    _of_stream,
    _of_mac,
    _of_format,
    _of_code,
    _of_time,
    _of_value,
    _of_silence,
)
