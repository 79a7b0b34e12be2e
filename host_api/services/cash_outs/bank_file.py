"""The file that the bank pays from (docs/club-services/cash-outs.md). Nothing here reads or stores."""

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

FIXED_NAME: Final = "VAFAPAY"
FIXED_VERSION: Final = "01"
LINE_WIDTH: Final = 80
ERASED_SHEBA: Final = "X" * 26
_CSV_HEADERS: Final = ("line", "reference", "sheba", "amount_rials", "description")


@dataclass(frozen=True, slots=True)
class Payment:
    """One line: so many rials to an account; the reference comes back in the bank's answer."""

    line: int
    reference: int
    sheba: str = field(repr=False)
    rials: int


@dataclass(frozen=True, slots=True)
class BankFile:
    """A batch as the bank gets it: the same bytes whenever it is written."""

    programme: str
    batch: int
    made_on: date
    payments: Sequence[Payment]

    def as_csv(self) -> bytes:
        """RFC 4180 with a heading, in ASCII."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(_CSV_HEADERS)
        for payment in self.payments:
            writer.writerow(
                (
                    payment.line,
                    payment.reference,
                    payment.sheba,
                    payment.rials,
                    f"{self.programme} {self.batch}/{payment.line}",
                )
            )
        return out.getvalue().encode("ascii")

    def as_fixed(self) -> bytes:
        """Lines of 80 ASCII characters: head, payments, totals, and the SHA-256 of all that before it."""
        total = sum(payment.rials for payment in self.payments)
        lines = [
            f"H{FIXED_NAME}{FIXED_VERSION}{self.programme:<32}{self.batch:012d}{self.made_on:%Y%m%d}",
            *(
                f"D{payment.line:06d}{payment.reference:012d}{payment.sheba}{payment.rials:015d}"
                for payment in self.payments
            ),
            f"T{len(self.payments):06d}{total:018d}",
        ]
        body = b"".join(_fixed_line(line) for line in lines)
        return body + _fixed_line(f"C{hashlib.sha256(body).hexdigest()}")


def _fixed_line(text: str) -> bytes:
    return f"{text:<{LINE_WIDTH}}\r\n".encode("ascii")
