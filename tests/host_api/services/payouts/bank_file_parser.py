"""Reads the bank's fixed file back by what docs/club-services/cash-outs.md says, and by nothing else."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class ParsedPayment:
    line: int
    reference: int
    sheba: str
    rials: int


@dataclass(frozen=True)
class ParsedFile:
    programme: str
    batch: int
    made_on: str
    payments: list[ParsedPayment]


def parse_fixed(content: bytes) -> ParsedFile:
    """The file, whose counts, totals and checksum were compared."""
    lines = [content[at : at + 82] for at in range(0, len(content), 82)]
    assert all(len(line) == 82 and line.endswith(b"\r\n") for line in lines)
    texts = [line[:80].decode("ascii") for line in lines]
    head, *payments, totals, checksum = texts
    assert (head[0], totals[0], checksum[0]) == ("H", "T", "C")
    assert (head[1:8], head[8:10]) == ("VAFAPAY", "01")
    found = []
    for text in payments:
        assert text[0] == "D"
        found.append(ParsedPayment(int(text[1:7]), int(text[7:19]), text[19:45], int(text[45:60])))
    assert int(totals[1:7]) == len(found)
    assert int(totals[7:25]) == sum(payment.rials for payment in found)
    assert checksum[1:65] == hashlib.sha256(content[:-82]).hexdigest()
    return ParsedFile(head[10:42].rstrip(), int(head[42:54]), head[54:62], found)
