"""Messages of a sale as a journal gets them, and whole sales."""

from terminal.messages.codec import pack
from terminal.transactions.day_book import DayAccount
from terminal.transactions.journal import Journal

TRACK2 = "6369490000000000017=30121010000000000"
TRACK2_BYTES = bytes.fromhex(TRACK2.replace("=", "d") + "f")
_CODES = {"sale": "000000", "redemption": "009100", "return": "200000"}


def _mac(_buffer: bytearray, _length: int) -> bytes:
    return bytes(8)


def business_date(stan: int) -> str:
    """The day on which the switch counts a message: it cuts over now and then."""
    return f"11{21 + stan // 16 % 4}"


def message(
    mti: str, stan: int, kind: str = "sale", code: str = "", *, amount: int = 2_500_000, date: str = ""
) -> bytes:
    """A packed message of the terminal or of the switch."""
    fields: dict[int, str | bytes] = {
        3: _CODES[kind],
        4: f"{amount + stan:012d}",
        7: f"1121{stan % 240000:06d}",
        11: f"{stan:06d}",
        12: "233000",
        13: "1121",
        41: "T0000001",
        42: "M1",
        49: "364",
    }
    if mti in ("0200", "0220"):
        fields |= {22: "021", 35: TRACK2}
    elif mti == "0400":
        fields[90] = f"0200{stan:06d}1121{stan % 240000:06d}" + "0" * 22
    else:
        del fields[12], fields[13]
        fields |= {37: f"{stan:012d}", 39: code}
        if date:
            fields[15] = date
    buffer = bytearray(300)
    return bytes(buffer[: pack(buffer, mti, fields, _mac)])


def approval(stan: int, code: str) -> bytes:
    """The answer to a sale."""
    return message("0210", stan, code=code, date=business_date(stan))


def sell(
    journal: Journal, code: str = "00", kind: str = "sale", amount: int = 2_500_000, date: str = "1121"
) -> int:
    """A whole sale; its STAN, which the amount leaves out."""
    stan = int(journal.next_stan())
    sale = journal.intend(stan, message("0200", stan, kind, amount=amount - stan))
    journal.answer(sale, message("0210", stan, kind, code, date=date))
    journal.complete(sale)
    return stan


def account(journal: Journal, date: str = "1121") -> DayAccount:
    return DayAccount(journal, bytes.fromhex(date))
