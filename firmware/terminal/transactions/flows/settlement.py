"""End of day: totals of each business day against the switch's, and every transaction where they differ."""

from terminal.constant import const
from terminal.messages import tlv
from terminal.screens.text import reason
from terminal.transactions import events
from terminal.transactions.day_book import DayAccount, dates_to_settle
from terminal.transactions.steps import confirm

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from terminal.devices.escpos.slip import Element
    from terminal.system.config import Config
    from terminal.transactions.flow import Flow
    from terminal.transactions.request import Fields

_UPLOAD_TAG = 0xDF35
_COUNT_TAG = 0xDF36
_DIFFERENCES_TAG = 0xDF37
_RECORD_BYTES = const(25)
_RECORDS_A_MESSAGE = const(5)  # the longest element that `tlv.put` writes
_RECORDS_LIMIT = const(5000)
_OUT_OF_BALANCE = "95"


def _forward(flow: "Flow") -> bool:
    # What was sold without a link counts when the switch hears of it.
    return flow.forward_all()


def _begin(flow: "Flow") -> bool:
    flow.give_up_slips()
    flow.scratch.dates = dates_to_settle(flow._journal, flow.clock)
    flow.scratch.refusal = ""
    return False


def _next_day(flow: "Flow") -> bool:
    """Settle a business day, as many times as there are days."""
    scratch = flow.scratch
    if scratch.dates:
        scratch.day = DayAccount(flow._journal, scratch.dates.pop(0))
        scratch.uploaded = -1
        _send_totals(flow)
        return True
    if scratch.refusal:
        flow._notice(reason(flow.language, scratch.refusal), flow.say("next_settlement"))
        return True
    return False


def _go_on(flow: "Flow", _: object = None) -> None:
    flow.go_back()
    flow.go_on()


def _send_totals(flow: "Flow") -> None:
    fields = _of_day(flow)
    fields.update(flow.scratch.day.fields)
    if flow.scratch.uploaded >= 0:
        fields[48] = _element(_COUNT_TAG, tlv.digits(flow.scratch.uploaded, 6))
    flow.ask_switch("0500", fields, _compared)


def _of_day(flow: "Flow") -> "Fields":
    return {15: flow.scratch.day.date, 42: flow.config.merchant_id}


def _element(tag: int, content: bytes) -> bytes:
    buffer = bytearray(3 + len(content))
    return bytes(memoryview(buffer)[: tlv.put(buffer, 0, tag, content)])


def _compared(flow: "Flow", reply: "Fields | None") -> None:
    code = str(reply.get(39)) if reply else ""
    account = flow.scratch.day
    if reply is None:
        flow.notice("no_service", "next_settlement")
    elif code == "00":
        account.settled()
        private = reply.get(48, b"")
        differences = tlv.number(private, _DIFFERENCES_TAG) if isinstance(private, bytes) else 0
        flow.actions.log("settled", day=account.date, differences=differences)
        local = flow.clock.local()
        flow.print_made(lambda: _slip(account, differences, flow.config, local))
    elif code == _OUT_OF_BALANCE and flow.scratch.uploaded < 0:
        flow.scratch.uploaded = 0
        _upload(flow)
    else:
        # Other days don't wait for one that the switch has forgotten.
        flow.actions.log("settlement_refused", day=account.date, response_code=code)
        flow.scratch.refusal = code
        _go_on(flow)


def _upload(flow: "Flow") -> None:
    records = flow.scratch.day.records(flow.scratch.uploaded, _RECORDS_A_MESSAGE)
    if not records or flow.scratch.uploaded >= _RECORDS_LIMIT:
        _send_totals(flow)
        return
    fields = _of_day(flow)
    fields[48] = _element(_UPLOAD_TAG, records)
    flow.scratch.uploaded += len(records) // _RECORD_BYTES
    flow.ask_switch("0520", fields, _uploaded)


def _uploaded(flow: "Flow", reply: "Fields | None") -> None:
    if reply is None or reply.get(39) != "00":
        flow.notice("no_service", "next_settlement")
    else:
        _upload(flow)


def _slip(
    account: "DayAccount", differences: int, config: "Config", local: "tuple[int, int, int, int, int, int]"
) -> "Iterator[Element]":
    from terminal.screens.totals_slip import totals_slip  # noqa: PLC0415  (only once it is settled)

    yield from totals_slip(account, differences, config, local)


STEPS = (confirm.read, _forward, _begin, _next_day)
TABLES = (
    confirm.TABLE,
    {("printing", events.PRINTED): _go_on, ("printer_fault", events.CANCEL): _go_on},
)
