"""Everything the terminal is made of, one after the other: Enter says good and Clear says bad."""

from terminal.screens.layout import persian_digits
from terminal.screens.text import say
from terminal.transactions import events
from terminal.transactions.engine import leave
from terminal.transactions.journal import JournalFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from terminal.devices.escpos.slip import Element
    from terminal.system.config import Config
    from terminal.system.health import Health
    from terminal.transactions.flow import Flow
    from terminal.transactions.request import Fields

_ALL_KEYS = 0x3FF
_ECHO = "301"


def _begin(flow: "Flow") -> bool:
    flow.scratch.found = []
    flow.scratch.keys_seen = 0
    return False


def _show(flow: "Flow", state: str, first: str, second: str = "") -> bool:
    flow.ask(state, [flow.say("self_test"), first, second, flow.say("keys_test")])
    return True


def _display(flow: "Flow") -> bool:
    flow.ask("test_display", ["█" * 20, "۰۱۲۳۴۵۶۷۸۹", "0123456789 وفا", flow.say("keys_test")])
    return True


def _keys(flow: "Flow") -> bool:
    seen = "".join(str(digit) for digit in range(10) if flow.scratch.keys_seen >> digit & 1)
    return _show(
        flow,
        "test_keys",
        flow.say("press_all_digits"),
        persian_digits(seen) if flow.language == "fa" else seen,
    )


def _key(flow: "Flow", digit: str) -> None:
    flow.scratch.keys_seen |= 1 << int(digit)
    if flow.scratch.keys_seen == _ALL_KEYS:
        _note(flow, True)
    else:
        _keys(flow)


def _reader(flow: "Flow") -> bool:
    return _show(flow, "test_reader", flow.say("present_card"))


def _flash(flow: "Flow") -> bool:
    try:
        flow._journal.next_stan()
        good = not flow._journal.discarded_blocks
    except JournalFault:
        good = False
    flow.scratch.found.append(("test_flash", good))
    return False


def _devices(flow: "Flow") -> bool:
    for name, answers in (flow.devices or {}).items():
        flow.scratch.found.append(("test_" + name, answers))
    return False


def _link(flow: "Flow") -> bool:
    if not flow._online:
        flow.scratch.found.append(("test_link", False))
        return False
    flow.ask_switch("0800", {70: _ECHO}, _echoed)
    return True


def _echoed(flow: "Flow", reply: "Fields | None") -> None:
    flow.scratch.found.append(("test_link", reply is not None and reply.get(39) == "00"))
    flow.go_on()


def _clock(flow: "Flow") -> bool:
    year, month, day, hour, minute, second = flow.clock.local()
    moment = "%04d-%02d-%02d %02d:%02d:%02d" % (year, month, day, hour, minute, second)
    return _show(flow, "test_clock", flow.say("is_it_right"), moment)


def _printer(flow: "Flow") -> bool:
    # That it can be read is the printer's test.
    found, config, health = flow.scratch.found, flow.config, flow.health
    flow.actions.log("self_test", bad=[name for name, good in found if not good])
    flow.print_made(lambda: _slip(found, config, health))
    return True


def _slip(found: "list[tuple[str, bool]]", config: "Config", health: "Health | None") -> "Iterator[Element]":
    from terminal.devices.escpos.slip import BIG, ROW  # noqa: PLC0415  (while it is printed only)
    from terminal.screens.receipt import head  # noqa: PLC0415

    for language in config.languages:
        yield from head(config, language)
        yield (BIG, say(language, "self_test"), "")
        for name, good in found:
            yield (ROW, say(language, name), say(language, "good" if good else "bad"))
        if health and health.firmware:
            yield (ROW, say(language, "firmware"), "%d.%d.%d" % health.firmware)
            yield (ROW, say(language, "parameter_sequence"), str(health.parameter_sequence))
            yield (ROW, say(language, "rule_table"), str(health.rule_table_version))


def _note(flow: "Flow", good: bool) -> None:
    flow.scratch.found.append((flow.state, good))
    flow.go_on()


def _good(flow: "Flow", _: object) -> None:
    _note(flow, True)


def _bad(flow: "Flow", _: object) -> None:
    _note(flow, False)


_TABLE = {("test_keys", events.DIGIT): _key, ("test_reader", events.CARD): _good}
for _state in ("test_display", "test_keys", "test_reader", "test_clock"):
    _TABLE[(_state, events.CLEAR)] = _bad
    _TABLE[(_state, events.CANCEL)] = leave
    _TABLE[(_state, events.TIMEOUT)] = leave
    # What was to be tried, and wasn't, did not work.
    _TABLE[(_state, events.ENTER)] = _good if _state in ("test_display", "test_clock") else _bad

STEPS = (_begin, _display, _keys, _reader, _flash, _devices, _link, _clock, _printer)
TABLES = (_TABLE,)
