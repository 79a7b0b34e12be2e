"""Files for the card bureau: what terminals read is what was written, once taken out, then destroyed."""

import csv
import hashlib
import io
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from host_api.services.cards.personalisation.card_file import (
    FIELDS,
    CardToMake,
    FixedFile,
    StripeAndChip,
    row_of,
)
from tests.host_api.api_calls import get, items_of, post
from tests.host_api.points_bench import new_key
from tests.host_api.running_api import RunningApi
from tests.host_api.services.cards.bench import at_rest, card, member, product, received_order, until

pytestmark = pytest.mark.anyio

DESIGN: dict[str, object] = {
    "name": "Blue",
    "card_name": "Blue Card",
    "elements": [
        {"side": "back", "kind": "stripe", "x_um": 0, "y_um": 4000, "width_um": 85600, "height_um": 12700}
    ],
    "chip_zone": 1,
    "chip_generation": 2,
}
READ = """
import sys
from terminal.devices import track1, track2
from terminal.devices.scanner.code import read_code
for line in sys.stdin.read().splitlines():
    first, second, bar = line.split("\\t")
    one, two = track1.content(first[1:-1]), track2.content(second[1:-1])
    print(one.pan, one.expiry, two.pan, two.expiry, read_code(bar).pan)
"""


def _read_by_a_terminal(*rows: dict[str, str]) -> list[str]:
    """What the firmware makes of tracks and bar codes."""
    told = "\n".join(f"{row['track_1']}\t{row['track_2']}\t{row['barcode']}" for row in rows)
    firmware = Path(__file__).parents[4] / "firmware"
    done = subprocess.run(
        [sys.executable, "-c", READ], input=told, cwd=firmware, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def _fields_of(line: str) -> dict[str, str]:
    found, at = {}, 1
    for name, size in FIELDS:
        found[name], at = line[at : at + size].rstrip(), at + size
    assert at == len(line)
    return found


def test_a_terminal_reads_what_the_file_has_written() -> None:
    design = StripeAndChip((1, 2), "701", 1, 2)
    names = {"سارا احمدی": "MEMBER/12", "Sara O'Neil": "SARA O'NEIL", "": "GOLD", "a" * 40: "A" * 26}
    for member_name, on_track in names.items():
        made = CardToMake(
            sequence=1,
            number="9364120000000007",
            expires_on=date(2029, 3, 31),
            member_number=12,
            member_name=member_name,
            card_name="" if member_name.startswith("سارا") else "Gold",
            barcode_symbology="code128",
            barcode="9364120000000007",
        )
        row = row_of(made, design)
        assert row["track_1"] == f"%B9364120000000007^{on_track}^2903701?"
        assert row["track_2"] == ";9364120000000007=2903701?"
        assert row["embossed_number"] == "9364 1200 0000 0007"
        number = "9364120000000007"
        assert _read_by_a_terminal(row) == [f"{number} 2903 {number} 2903 {number}"]
    file = FixedFile(7, 1, date(2026, 3, 21))
    lines = [file.head(), file.line(row), file.tail()]
    assert lines[0] == b"HVAFACARD100000000000700000120260321\r\n"
    assert _fields_of(lines[1].decode().rstrip("\r\n"))["expiry"] == "03/29"
    assert lines[2] == f"T000001{hashlib.sha256(b''.join(lines[:2])).hexdigest()}\r\n".encode()


async def test_a_batch_is_taken_out_once_counted_and_destroyed(api: RunningApi) -> None:
    await product(api, "BLUE", static_code="ean13", validity_months=12)
    order = await received_order(api, "BLUE", 3)
    design = await post(api, "/v1/card-designs", DESIGN)
    wish = {"design_id": design["id"], "order_id": order["id"], "file_format": "fixed"}
    batch = await post(api, "/v1/card-batches", wish, 202)
    path = f"/v1/card-batches/{batch['id']}"
    await until(api, path, "ready")
    # Nobody else gets at the file: not by its id, and not without the permission.
    (file,) = [entry for entry in items_of(await get(api, "/v1/files")) if entry["name"] == "cards-1.txt"]
    assert (await api.client.get(f"/v1/files/{file['id']}/content")).status_code == 403
    clerk = await new_key(api, "clerk", "card_personalisation:read", "card_personalisation:write")
    assert (await api.client.post(f"{path}/download", headers=clerk)).status_code == 403
    taken = await api.client.post(f"{path}/download")
    assert taken.status_code == 200
    assert (await api.client.post(f"{path}/download")).status_code == 409
    head, *lines, tail = taken.text.splitlines()
    assert (head[1:10], head[10:22], head[22:28], tail[1:7]) == (
        "VAFACARD1",
        f"{batch['id']:012d}",
        "000003",
        "000003",
    )
    rows = [_fields_of(line) for line in lines]
    assert [row["sequence"] for row in rows] == ["000001", "000002", "000003"]
    for row, read in zip(rows, _read_by_a_terminal(*rows), strict=True):
        expiry = row["chip_expiry"]
        assert read == f"{row['card_number']} {expiry} {row['card_number']} {expiry} {row['barcode']}"
        assert (row["barcode"][:2], row["chip_zone"], row["chip_generation"]) == ("29", "00001", "002")
    stored = await at_rest(api.runtime.database)
    contents = b"".join(
        found.read_bytes() for found in api.runtime.settings.files_directory.rglob("*") if found.is_file()
    )
    for row in rows:
        assert row["card_number"] not in stored
        assert row["card_number"].encode() not in contents
    wrong = {"good": 3, "rejected": [{"sequence": 2, "fault": "stripe"}]}
    await post(api, f"{path}/confirmation", wrong, 409)
    confirmed = await post(api, f"{path}/confirmation", wrong | {"good": 2}, 200)
    assert (confirmed["state"], confirmed["rejected"]) == ("confirmed", 1)
    programme = api.runtime.settings.files_directory / "1"
    assert [found for found in programme.glob("??/*") if found.is_file()] == []
    assert (await api.client.post(f"{path}/download")).status_code == 409
    await post(api, f"{path}/file", None, 409)
    # The rejected card is made again, with its number.
    again = await post(api, f"{path}/reprint", None, 202)
    await post(api, f"{path}/reprint", None, 409)
    reprint = f"/v1/card-batches/{again['id']}"
    await until(api, reprint, "ready")
    lost = await api.client.post(f"{reprint}/download")
    await post(api, f"{reprint}/file", None, 202)
    await until(api, reprint, "ready")
    second = await api.client.post(f"{reprint}/download")
    assert second.text.splitlines()[1] == lost.text.splitlines()[1]
    assert _fields_of(second.text.splitlines()[1])["card_number"] == rows[1]["card_number"]


async def test_named_cards_come_as_csv_with_their_holders(api: RunningApi) -> None:
    holder = await member(api, name="علی کاظمی")
    issued = await card(api, member_id=holder)
    design = await post(api, "/v1/card-designs", DESIGN | {"card_name": "کارت باشگاه", "tracks": [2]})
    wish: dict[str, object] = {"design_id": design["id"], "card_ids": [issued["id"]]}
    await post(api, "/v1/card-batches", wish | {"card_ids": [issued["id"], 999]}, 409)
    await post(api, "/v1/card-batches", wish | {"order_id": 1}, 422)
    batch = await post(api, "/v1/card-batches", wish, 202)
    path = f"/v1/card-batches/{batch['id']}"
    await until(api, path, "ready")
    taken = await api.client.post(f"{path}/download")
    (row,) = csv.DictReader(io.StringIO(taken.content.decode("utf-8-sig")))
    assert (row["card_number"], row["member_name"]) == (issued["number"], "علی کاظمی")
    assert (row["card_name"], row["track_1"], row["expiry"]) == ("کارت باشگاه", "", "")
    assert row["member_number"] == f"{holder:012d}"
    beyond = DESIGN | {
        "elements": [
            {
                "side": "front",
                "kind": "text",
                "text": "x",
                "x_um": 85000,
                "y_um": 0,
                "width_um": 700,
                "height_um": 100,
            }
        ]
    }
    await post(api, "/v1/card-designs", beyond, 422)
    picture = {"side": "front", "kind": "logo", "x_um": 0, "y_um": 0, "width_um": 700, "height_um": 100}
    await post(api, "/v1/card-designs", DESIGN | {"elements": [picture]}, 422)
    await post(api, "/v1/card-designs", DESIGN | {"elements": [picture | {"file_id": 999}]}, 409)
