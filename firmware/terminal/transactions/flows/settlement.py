"""End of day: this terminal's totals against the switch's, and every transaction where they differ."""

from terminal.constant import const
from terminal.messages import tlv
from terminal.screens.text import reason
from terminal.transactions.day_book import DayBook
from terminal.transactions.steps import confirm

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from terminal.devices.escpos.slip import Element
    from terminal.system.config import Config
    from terminal.transactions.contract import Totals
    from terminal.transactions.flow import Flow
    from terminal.transactions.request import Fields

_UPLOAD_TAG = 0xDF35
_COUNT_TAG = 0xDF36
_DIFFERENCES_TAG = 0xDF37
_RECORD_BYTES = const(25)
_RECORDS_A_MESSAGE = const(5)  # the longest element that `tlv.put` writes
_RECORDS_LIMIT = const(5000)
_NUMBERS = (74, 75, 76, 77)
_AMOUNTS = (86, 87, 88, 89)
_OUT_OF_BALANCE = "95"


def _forward(flow: "Flow") -> bool:
    # What was sold without a link is of this day too.
    return flow.forward_all()


def _begin(flow: "Flow") -> bool:
    flow.scratch.book = DayBook(flow._journal, flow.clock)
    flow.scratch.day = flow.scratch.book.totals()
    flow.scratch.uploaded = -1
    return False


def _send_totals(flow: "Flow") -> bool:
    day = flow.scratch.day
    fields = _of_day(flow, day)
    for number in _NUMBERS:
        fields[number] = "%010d" % day.figures[number]
    for number in _AMOUNTS:
        fields[number] = "%016d" % day.figures[number]
    net = day.figures[86] - day.figures[87] - day.figures[88] + day.figures[89]
    fields[97] = ("C" if net >= 0 else "D") + "%016d" % abs(net)
    if flow.scratch.uploaded >= 0:
        fields[48] = _element(_COUNT_TAG, tlv.digits(flow.scratch.uploaded, 6))
    flow.ask_switch("0500", fields, _compared)
    return True


def _of_day(flow: "Flow", day: "Totals") -> "Fields":
    return {15: day.day, 42: flow.config.merchant_id}


def _element(tag: int, content: bytes) -> bytes:
    buffer = bytearray(3 + len(content))
    return bytes(memoryview(buffer)[: tlv.put(buffer, 0, tag, content)])


def _compared(flow: "Flow", reply: "Fields | None") -> None:
    code = str(reply.get(39)) if reply else ""
    if reply is None:
        flow.notice("no_service", "next_settlement")
    elif code == "00":
        flow.scratch.book.settled()
        private = reply.get(48, b"")
        flow.scratch.differences = tlv.number(private, _DIFFERENCES_TAG) if isinstance(private, bytes) else 0
        flow.actions.log("settled", day=flow.scratch.day.day, differences=flow.scratch.differences)
        day, differences, local = flow.scratch.day, flow.scratch.differences, flow.clock.local()
        flow.print_made(lambda: _slip(day, differences, flow.config, local))
    elif code == _OUT_OF_BALANCE and flow.scratch.uploaded < 0:
        flow.scratch.uploaded = 0
        _upload(flow)
    else:
        flow._notice(reason(flow.language, code), flow.say("next_settlement"))


def _upload(flow: "Flow") -> None:
    records = flow.scratch.day.records(flow.scratch.uploaded, _RECORDS_A_MESSAGE)
    if not records or flow.scratch.uploaded >= _RECORDS_LIMIT:
        _send_totals(flow)
        return
    fields = _of_day(flow, flow.scratch.day)
    fields[48] = _element(_UPLOAD_TAG, records)
    flow.scratch.uploaded += len(records) // _RECORD_BYTES
    flow.ask_switch("0520", fields, _uploaded)


def _uploaded(flow: "Flow", reply: "Fields | None") -> None:
    if reply is None or reply.get(39) != "00":
        flow.notice("no_service", "next_settlement")
    else:
        _upload(flow)


def _slip(
    day: "Totals", differences: int, config: "Config", local: "tuple[int, int, int, int, int, int]"
) -> "Iterator[Element]":
    from terminal.screens.totals_slip import totals_slip  # noqa: PLC0415  (only once it is settled)

    yield from totals_slip(day, differences, config, local)


STEPS = (confirm.read, _forward, _begin, _send_totals)
TABLES = (confirm.TABLE,)
