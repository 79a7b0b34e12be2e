"""Tracking codes, promises in working hours, and files that are one thing only."""

import io
import random
import struct
import zipfile
import zlib
from datetime import UTC, date, datetime, timedelta

import pytest

from host_api.core.files.media_types import MediaType
from host_api.services.tickets.tracking import LENGTH, new_tracking_code, read_tracking_code
from host_api.services.tickets.whole_media import is_whole
from host_api.services.tickets.working_hours import Hours, due_at

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# 08:00 to 16:00 from Saturday to Wednesday in Tehran, Thursday until noon.
WEEK = [Hours(day, 480, 960) for day in (5, 6, 0, 1, 2)] + [Hours(3, 480, 720)]


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0\0"))
        + chunk(b"IEND", b"")
    )


PNG = _png()
JPEG = b"\xff\xd8\xff\xe0" + bytes(20) + b"\xff\xd9"
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n%%EOF\n"


def _archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "x")
    return out.getvalue()


def test_a_mistyped_code_is_known_as_such() -> None:
    dice = random.Random(7)
    for _ in range(200):
        code = new_tracking_code(dice.randrange)
        assert len(code) == LENGTH and read_tracking_code(code) == code
        place = dice.randrange(LENGTH)
        other = dice.choice([sign for sign in SIGNS if sign != code[place]])
        assert read_tracking_code(code[:place] + other + code[place + 1 :]) is None
        place = dice.randrange(LENGTH - 1)
        swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        assert (read_tracking_code(swapped) is None) == (swapped != code)
        typed = f" {code[:5].lower()}-{code[5:]} ".replace("0", "۰").replace("1", "l")
        assert read_tracking_code(typed) == code
    assert read_tracking_code("") is None
    assert read_tracking_code("U" * LENGTH) is None


def _tehran(day: int, hour: int, minute: int = 0) -> datetime:
    """A time in Tehran, three and a half hours before UTC, of November 2026: the 21st is a Saturday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - timedelta(hours=3, minutes=30)


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        (_tehran(21, 9), 60, _tehran(21, 10)),
        (_tehran(21, 6), 60, _tehran(21, 9)),
        (_tehran(21, 15), 120, _tehran(22, 9)),
        (_tehran(21, 8), 480, _tehran(21, 16)),
        (_tehran(26, 11), 120, _tehran(28, 9)),  # over Thursday noon and Friday
        (_tehran(23, 15), 120, _tehran(25, 9)),  # the 24th is a holiday
    ],
)
def test_promises_run_while_somebody_works(start: datetime, minutes: int, due: datetime) -> None:
    assert due_at(start, minutes, WEEK, {date(2026, 11, 24)}) == due


def test_overlapping_hours_count_once_and_without_hours_all_time_does() -> None:
    overlapping = [Hours(5, 480, 600), Hours(5, 540, 660)]
    assert due_at(_tehran(21, 8), 180, overlapping, set()) == _tehran(21, 11)
    assert due_at(_tehran(21, 8), 90, [], set()) == _tehran(21, 9, 30)
    assert due_at(_tehran(21, 8), 90, [Hours(4, 0, 1440)], set()) == _tehran(27, 1, 30)
    closed = {date(2026, 11, 21) + timedelta(days=day) for day in range(500)}
    assert due_at(_tehran(21, 8), 1, WEEK, closed) is None


@pytest.mark.parametrize(
    ("content", "kind", "expected"),
    [
        (PNG, MediaType.PNG, True),
        (JPEG, MediaType.JPEG, True),
        (PDF, MediaType.PDF, True),
        (PNG + b"<script>alert(1)</script>", MediaType.PNG, False),
        (PNG[:-4], MediaType.PNG, False),
        (PNG + _archive(), MediaType.PNG, False),
        (JPEG + _archive(), MediaType.JPEG, False),
        (JPEG[:4] + b"<SCRIPT>alert(1)</SCRIPT>" + JPEG[4:], MediaType.JPEG, False),
        (JPEG + b"more", MediaType.JPEG, False),
        (PDF + _archive(), MediaType.PDF, False),
        (PDF[:20], MediaType.PDF, False),
    ],
)
def test_a_file_is_one_thing_only(content: bytes, kind: MediaType, expected: bool) -> None:
    assert is_whole(io.BytesIO(content), len(content), kind) is expected
