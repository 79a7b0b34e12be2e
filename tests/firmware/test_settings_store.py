"""What is set on a terminal: it outlives power cuts at every byte, and is bounded."""

from binascii import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from terminal.system.config import Config
from terminal.system.settings_store import SettingsStore

from tests.firmware.flow_bench import SETTINGS
from tests.firmware.nor_flash import NorFlash, PowerCut


def flash() -> NorFlash:
    return NorFlash(block_bytes=256, block_count=4)


def test_what_was_put_is_there_and_goes_before_the_boards_own() -> None:
    part = flash()
    store = SettingsStore(part, {"notice_ms": 4000, "languages": ["en"]})
    assert (store.get("notice_ms"), store.get("nothing"), store.get("nothing", 7)) == (4000, None, 7)
    store.put("notice_ms", 2000)
    store.put("operator_attempts", {"7": 1})
    for reopened in (store, SettingsStore(part, {"notice_ms": 4000})):
        assert (reopened.get("notice_ms"), reopened.get("operator_attempts")) == (2000, {"7": 1})
        assert reopened.table() == b""


def test_it_is_what_a_config_reads() -> None:
    store = SettingsStore(flash(), SETTINGS)
    store.put("notice_ms", 2000)
    assert (Config(store).notice_ms, Config(store).terminal_id) == (2000, "VAFA0001")


def test_more_than_there_is_room_for_changes_nothing() -> None:
    part = flash()
    store = SettingsStore(part, {})
    store.put("a", 1)
    before = bytes(part.content)
    with pytest.raises(OSError, match="room"):
        store.put("b", "x" * 256)
    with pytest.raises(OSError, match="room"):
        store.put_table(bytes(245))
    assert part.content == before and store.get("a") == 1 and store.get("b") is None


@pytest.mark.parametrize("torn", [None, 0x00, 0x5A], ids=["whole", "zero", "torn"])
@pytest.mark.parametrize("backward", [False, True], ids=["forward", "backward"])
def test_a_power_cut_at_every_byte_leaves_old_or_new(torn: int | None, backward: bool) -> None:
    made = flash()
    store = SettingsStore(made, {})
    store.put("a", "old")
    store.put("a", "older")
    store.put("a", "old")
    store.put_table(b"old table")
    store.put_table(b"old table")
    start = bytes(made.content)
    used = made.used
    store.put("a", "new")
    store.put_table(b"new table")
    for fuel in range(made.used - used + 1):
        part = flash()
        part.content[:] = start
        part.torn, part.backward_erase = torn, backward
        cut = SettingsStore(part, {})
        part.fuel = fuel
        settled = 0
        try:
            cut.put("a", "new")
            settled = 1
            cut.put_table(b"new table")
            settled = 2
        except PowerCut:
            pass
        part.fuel = None
        again = SettingsStore(part, {})
        assert again.get("a") == "new" if settled else again.get("a") in ("old", "new")
        assert (
            again.table() == b"new table" if settled == 2 else again.table() in (b"old table", b"new table")
        )
        again.put("a", "next")
        again.put_table(b"next table")
        assert (SettingsStore(part, {}).get("a"), SettingsStore(part, {}).table()) == ("next", b"next table")


def test_sequence_numbers_go_round() -> None:
    part = flash()
    last, content = bytes.fromhex("ffffffff"), b'{"a": 2}'
    check = crc32(content, crc32(last)).to_bytes(4, "little")
    copy = last + len(content).to_bytes(4, "little") + check + content
    part.content[: len(copy)] = copy
    store = SettingsStore(part, {})
    assert store.get("a") == 2
    for value in (3, 4, 5):
        store.put("a", value)
        assert SettingsStore(part, {}).get("a") == value


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=1024), st.integers(0, 1023))
def test_any_bytes_are_no_settings(noise: bytes, at: int) -> None:
    part = flash()
    part.content[at : at + len(noise)] = noise[: 1024 - at]
    store = SettingsStore(part, {"a": 1})
    assert store.get("a") == 1 and store.table() == b""
    store.put("a", 2)
    assert SettingsStore(part, {}).get("a") == 2
