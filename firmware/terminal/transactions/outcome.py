"""What a request and its reply together mean to the shop."""

from terminal.messages import tlv
from terminal.transactions.request import kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.system.clock import Clock
    from terminal.transactions.request import Fields

_BALANCE_CHARACTERS = 20


class Outcome:
    """The decided transaction. Amounts in rial, points as whole points.

    Args:
        request: fields of the request.
        reply: fields of the verified reply.
        clock: tells the year, which messages don't carry.
    """

    def __init__(self, request: "Fields", reply: "Fields", clock: "Clock") -> None:
        self.kind = kind_of(_string(request, 3))
        self.response_code = _string(reply, 39)
        self.approved = self.response_code == "00"
        self.amount = _integer(_string(request, 4))
        self.stan = _string(request, 11)
        self.rrn = _string(reply, 37)
        self.card = masked(_string(request, 2) or _string(request, 35).split("=")[0])
        self.offline = False
        private = reply.get(48, b"")
        if not isinstance(private, bytes):
            private = b""
        self.points_earned = tlv.number(private, 0xDF01)
        self.credit_earned = tlv.number(private, 0xDF02)
        self.points_spent = tlv.number(private, 0xDF03)
        self.credit_spent = tlv.number(private, 0xDF04)
        self.name = tlv.text(private, 0xDF05)
        self.tier = tlv.text(private, 0xDF06)
        self.text_fa = tlv.text(private, 0xDF08)
        self.text_en = tlv.text(private, 0xDF09)
        # None where the reply doesn't say: nothing to pay is not the same as nothing said.
        self.net_amount = tlv.number(private, 0xDF1A) if tlv.find(private, 0xDF1A) else None
        self.refund_amount = tlv.number(private, 0xDF1B)
        self.discount = tlv.number(private, 0xDF1C)
        self.could_spend = tlv.number(private, 0xDF1D)
        self.points_pending = tlv.number(private, 0xDF1F)
        self.refund_units = tlv.number(private, 0xDF32)
        self.items = tlv.text(private, 0xDF33)
        balances = _string(reply, 54)
        self.points_balance = balance(balances, "91")
        self.credit_balance = balance(balances, "92")
        self.wallet_balance = balance(balances, "94")
        self.gift_balance = balance(balances, "96")
        # Whether a return can name it.
        self.can_come_back = (
            self.approved
            and self.kind in ("purchase", "redemption")
            and self.amount > 0
            and len(self.rrn) == 12
            and self.rrn.isdigit()
        )
        self.local = _local_time(_string(request, 12), _string(request, 13), clock)


def masked(number: str) -> str:
    """First six and last four digits of a card number; of a shorter one, as a phone's, the last four."""
    if len(number) < 13:
        return "*" * (len(number) - 4) + number[-4:] if len(number) > 8 else "*" * len(number)
    return number[:6] + "*" * (len(number) - 10) + number[-4:]


def balance(text: str, account: str) -> int:
    """The available amount of one account in field 54 (additional amounts); 0 where it is absent."""
    found = stated_balance(text, account)
    return found[0] if found else 0


def stated_balance(text: str, account: str) -> "tuple[int, str] | None":
    """The same with its currency; None where it is absent."""
    for at in range(0, len(text) - _BALANCE_CHARACTERS + 1, _BALANCE_CHARACTERS):
        part = text[at : at + _BALANCE_CHARACTERS]
        if part[:2] == account and part[2:4] == "02":
            value = _integer(part[8:])
            return -value if part[7] == "D" else value, part[4:7]
    return None


def _string(fields: "Fields", number: int) -> str:
    value = fields.get(number, "")
    return value if isinstance(value, str) else ""


def _integer(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _local_time(time: str, date: str, clock: "Clock") -> "tuple[int, int, int, int, int, int]":
    now = clock.local()
    if not (len(time) == 6 and len(date) == 4 and time.isdigit() and date.isdigit()):
        return now
    month, day = int(date[:2]), int(date[2:])
    # A slip printed after New Year may be of a sale before it.
    year = now[0] - 1 if (month, day) > (now[1], now[2]) else now[0]
    return (year, month, day, int(time[:2]), int(time[2:4]), int(time[4:]))
