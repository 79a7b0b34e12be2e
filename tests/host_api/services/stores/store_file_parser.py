"""Reads the accounting file by its page alone (docs/club-services/store.md)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    at: str
    kind: str
    document: int
    branch: int
    account: str
    member: int
    amount: int


def parse(text: str) -> tuple[str, list[Line]]:
    """The merchant's id and the lines; AssertionError for what the page does not allow."""
    assert text.isascii()
    assert text.endswith("\r\n")
    rows = text.split("\r\n")[:-1]
    assert all(len(row) == 100 for row in rows)
    header, *body, trailer = rows
    assert header[:5] == "HVSA1"
    lines = []
    for place, row in enumerate(body, 1):
        assert row[0] == "D"
        assert int(row[1:10]) == place
        sign = {"D": 1, "C": -1}[row[77]]
        amount = sign * int(row[78:93])
        kind, account = row[24:36].rstrip(), row[53:65].rstrip()
        line = Line(row[10:24], kind, int(row[36:48]), int(row[48:53]), account, int(row[65:77]), amount)
        lines.append(line)
    assert trailer[0] == "T"
    assert int(trailer[1:10]) == len(lines)
    assert int(trailer[10:28]) == sum(line.amount for line in lines if line.amount > 0)
    assert int(trailer[28:46]) == -sum(line.amount for line in lines if line.amount < 0)
    return header[5:20].rstrip(), lines
