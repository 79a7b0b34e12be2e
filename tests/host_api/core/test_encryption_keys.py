"""Envelopes, keyrings and programmes' keys: a value opens in its place only, and nothing shows a secret."""

import copy
import hashlib
import hmac
import os
import pickle
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_api.core.encryption.envelope import OVERHEAD_BYTES, Key, SealFault, SealFaultReason
from host_api.core.encryption.field_cipher import INDEX_BYTES, FieldCipher
from host_api.core.encryption.master_keyring import (
    KeyringFault,
    MasterKeyring,
    ensure_keyring,
    load_keyring,
)
from host_api.core.encryption.programme_keys import (
    KeyPurpose,
    ProgrammeKeys,
    WrappedKey,
    new_key,
    rewrapped,
)

START = datetime(2026, 11, 16, tzinfo=UTC)
MASTERS = MasterKeyring.new()
STORED = [
    new_key(MASTERS, programme_id, purpose, 1, active_from=START)
    for programme_id in (1, 2)
    for purpose in KeyPurpose
]


def held(stored: list[WrappedKey], now: datetime = START) -> ProgrammeKeys:
    keys = ProgrammeKeys(MASTERS, lambda: now)
    keys.install(stored)
    return keys


CIPHER = FieldCipher(held(STORED))


def reason_of(caught: pytest.ExceptionInfo[SealFault]) -> SealFaultReason:
    return caught.value.reason


class TestEnvelope:
    def test_its_bytes_are_aes_256_gcm(self) -> None:
        # McGrew and Viega, "The Galois/Counter Mode of Operation", test case 14: all zeros.
        zeros = Key(1, bytes(32)).seal(bytes(16), b"", bytes)
        assert zeros[:5] == b"\x01\x00\x00\x00\x01"
        assert zeros[5:17] == bytes(12)
        assert zeros[17:33].hex() == "cea7403d4d606b6e074ec5d3baf39d18"

    @given(st.binary(max_size=200), st.binary(max_size=40))
    def test_what_is_sealed_opens_in_its_place(self, plain: bytes, place: bytes) -> None:
        key = Key(7, bytes(range(32)))
        envelope = key.seal(plain, place, os.urandom)
        assert key.open(envelope, place) == plain
        assert len(envelope) == len(plain) + OVERHEAD_BYTES
        with pytest.raises(SealFault):
            key.open(envelope, place + b"x")

    @given(st.integers(0, 200), st.integers(1, 255))
    def test_any_changed_byte_is_noticed(self, place: int, change: int) -> None:
        key = Key(1, bytes(32))
        envelope = bytearray(key.seal(b"09123456789", b"here", os.urandom))
        place %= len(envelope)
        envelope[place] ^= change
        with pytest.raises(SealFault) as caught:
            key.open(bytes(envelope), b"here")
        expected = (
            SealFaultReason.VERSION
            if place == 0
            else SealFaultReason.KEY
            if place < 5
            else SealFaultReason.DAMAGED
        )
        assert reason_of(caught) is expected

    @given(st.binary(max_size=80))
    def test_any_bytes_are_refused_by_the_fault_only(self, envelope: bytes) -> None:
        with pytest.raises(SealFault):
            Key(1, bytes(32)).open(envelope, b"")

    @given(st.integers(0, 42))
    def test_a_cut_envelope_is_damaged(self, length: int) -> None:
        key = Key(1, bytes(32))
        envelope = key.seal(b"0912345678", b"", os.urandom)[:length]
        with pytest.raises(SealFault) as caught:
            key.open(envelope, b"")
        assert reason_of(caught) is (SealFaultReason.DAMAGED if length else SealFaultReason.VERSION)

    def test_two_seals_of_one_value_differ(self) -> None:
        assert CIPHER.seal(1, "people.note", 1, "same") != CIPHER.seal(1, "people.note", 1, "same")

    def test_a_key_is_not_shown_and_not_copied(self) -> None:
        key = Key(3, b"0123456789abcdef" * 2)
        assert repr(key) == "Key(3)"
        for write_out in (pickle.dumps, copy.deepcopy):
            with pytest.raises(TypeError):
                write_out(key)

    @pytest.mark.parametrize(("number", "length"), [(0, 32), (1, 16), (1 << 32, 32)])
    def test_only_aes_256_keys_with_a_number(self, number: int, length: int) -> None:
        with pytest.raises(ValueError, match="32 bytes"):
            Key(number, bytes(length))


class TestMasterKeyring:
    def test_its_file_gives_it_back(self) -> None:
        ring = MasterKeyring.new().with_new_key().with_new_key().without(2)
        again = MasterKeyring.parse(ring.text())
        assert again.numbers == {1, 3}
        assert again.active == 3
        assert again.unwrap(ring.wrap(b"secret", b"place"), b"place") == b"secret"

    def test_an_old_key_unwraps_and_the_active_one_wraps(self) -> None:
        old = MasterKeyring.new()
        wrapped = old.wrap(bytes(32), b"place")
        new = old.with_new_key()
        assert new.unwrap(wrapped, b"place") == bytes(32)
        with pytest.raises(SealFault) as caught:
            old.unwrap(new.wrap(bytes(32), b"place"), b"place")
        assert reason_of(caught) is SealFaultReason.KEY

    @pytest.mark.parametrize("number", [2, 3])
    def test_neither_the_active_key_nor_one_that_is_not_there_is_taken_out(self, number: int) -> None:
        with pytest.raises(KeyringFault):
            MasterKeyring.new().with_new_key().without(number)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "version = 1",
            "version = 2\nactive = 1\n[keys]\n1 = '" + "ab" * 32 + "'",
            "version = 1\nactive = 2\n[keys]\n1 = '" + "ab" * 32 + "'",
            "version = 1\nactive = 1\nextra = 1\n[keys]\n1 = '" + "ab" * 32 + "'",
            "version = 1\nactive = true\n[keys]\n1 = '" + "ab" * 32 + "'",
            "version = 1\nactive = 1\n[keys]\n1 = '" + "ab" * 16 + "'",
            "version = 1\nactive = 1\n[keys]\n01 = '" + "ab" * 32 + "'",
            "version = 1\nactive = 1\n[keys]\n1 = '" + "ab" * 32 + "'\n2 = '" + "ab" * 32 + "'",
            "version = 1\nactive = 1\n[keys]\n1 = [1]",
            "keys = 3\nversion = 1\nactive = 1",
            "[" * 2000,
        ],
        ids=range(12),
    )
    def test_what_is_no_keyring_is_refused_without_showing_it(self, text: str) -> None:
        with pytest.raises(KeyringFault) as caught:
            MasterKeyring.parse(text)
        assert "ab" * 4 not in f"{caught.value!r}{caught.value.__cause__!r}"

    @given(st.text(max_size=200))
    def test_no_text_raises_anything_else(self, text: str) -> None:
        with pytest.raises(KeyringFault):
            MasterKeyring.parse(text)

    def test_it_is_never_shown(self) -> None:
        ring = MasterKeyring({1: b"0123456789abcdef" * 2}, 1)
        assert repr(ring) == "MasterKeyring([1], active=1)"

    def test_the_first_start_writes_it_for_its_owner_only(self, tmp_path: Path) -> None:
        path = tmp_path / "keys" / "personal_data.toml"
        ring = ensure_keyring(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert [file.name for file in path.parent.iterdir()] == [path.name]
        assert ensure_keyring(path).text() == load_keyring(path).text() == ring.text()

    @pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"#" * 70_000])
    def test_a_broken_file_is_refused_and_kept(self, content: bytes, tmp_path: Path) -> None:
        path = tmp_path / "ring"
        path.write_bytes(content)
        with pytest.raises(KeyringFault):
            ensure_keyring(path)
        assert path.read_bytes() == content

    def test_a_missing_file_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(KeyringFault, match="No such file"):
            load_keyring(tmp_path / "ring")


class TestProgrammeKeys:
    @pytest.mark.parametrize(
        "changed",
        [
            {"programme_id": 2},
            {"purpose": KeyPurpose.INDEX},
            {"number": 2},
        ],
        ids=lambda changed: next(iter(changed)),
    )
    def test_a_wrapped_key_works_in_its_own_row_only(self, changed: dict[str, object]) -> None:
        row = new_key(MASTERS, 1, KeyPurpose.FIELD, 1, active_from=START)
        moved = {
            "programme_id": row.programme_id,
            "purpose": row.purpose,
            "number": row.number,
            "active_from": row.active_from,
            "wrapped": row.wrapped,
        } | changed
        with pytest.raises(SealFault) as caught:
            held([WrappedKey(**moved)])  # type: ignore[arg-type]
        assert reason_of(caught) is SealFaultReason.DAMAGED

    def test_a_new_key_waits_until_everybody_has_it(self) -> None:
        stored = [
            new_key(MASTERS, 1, KeyPurpose.FIELD, 1, active_from=START),
            new_key(MASTERS, 1, KeyPurpose.FIELD, 2, active_from=START + timedelta(minutes=10)),
        ]
        assert held(stored, START + timedelta(minutes=9)).active(1, KeyPurpose.FIELD).number == 1
        assert held(stored, START + timedelta(minutes=10)).active(1, KeyPurpose.FIELD).number == 2
        assert held(stored, START - timedelta(days=1)).active(1, KeyPurpose.FIELD).number == 1

    def test_what_cannot_be_unwrapped_changes_nothing(self) -> None:
        keys = held(STORED)
        with pytest.raises(SealFault):
            keys.install([new_key(MasterKeyring.new(), 1, KeyPurpose.FIELD, 1, active_from=START)])
        assert keys.active(1, KeyPurpose.FIELD).number == 1

    def test_a_forgotten_programme_has_no_keys_and_another_keeps_its_own(self) -> None:
        keys = held(STORED)
        cipher = FieldCipher(keys)
        envelope = cipher.seal(1, "people.note", 1, "text")
        keys.forget(1)
        for attempt in (
            lambda: cipher.open(1, "people.note", 1, envelope),
            lambda: cipher.seal(1, "people.note", 1, "text"),
            lambda: cipher.index(1, "people.note", "text"),
        ):
            with pytest.raises(SealFault) as caught:
                attempt()
            assert reason_of(caught) is SealFaultReason.KEY
        assert cipher.open(2, "people.note", 1, cipher.seal(2, "people.note", 1, "text")) == "text"

    def test_rewrapping_keeps_what_was_sealed(self) -> None:
        row = STORED[0]
        masters = MASTERS.with_new_key()
        fresh = WrappedKey(
            row.programme_id, row.purpose, row.number, row.active_from, rewrapped(masters, row)
        )
        keys = ProgrammeKeys(masters.without(1), lambda: START)
        keys.install([fresh])
        envelope = CIPHER.seal(1, "people.note", 1, "متن")
        assert FieldCipher(keys).open(1, "people.note", 1, envelope) == "متن"


class TestFieldCipher:
    @given(st.text(st.characters(), max_size=60) | st.just("\ud800"), st.integers(1, 10**12))
    def test_what_is_sealed_opens_in_its_row(self, text: str, row_id: int) -> None:
        envelope = CIPHER.seal(1, "people.note", row_id, text)
        assert CIPHER.open(1, "people.note", row_id, envelope) == text
        assert CIPHER.is_current(1, envelope)

    @pytest.mark.parametrize(
        "place",
        [(2, "people.mobile", 5), (1, "people.note", 5), (1, "people.mobile", 6)],
        ids=["programme", "field", "row"],
    )
    def test_a_value_cannot_be_moved(self, place: tuple[int, str, int]) -> None:
        envelope = CIPHER.seal(1, "people.mobile", 5, "+989123456789")
        with pytest.raises(SealFault) as caught:
            CIPHER.open(*place, envelope)
        assert reason_of(caught) is SealFaultReason.DAMAGED

    def test_an_envelope_of_a_newer_program_is_refused(self) -> None:
        envelope = b"\x02" + CIPHER.seal(1, "people.note", 1, "text")[1:]
        with pytest.raises(SealFault) as caught:
            CIPHER.open(1, "people.note", 1, envelope)
        assert reason_of(caught) is SealFaultReason.VERSION

    def test_an_index_is_hmac_sha_256_under_a_key_of_the_field(self) -> None:
        secret = bytes(range(32))
        masters = MasterKeyring({1: bytes(32)}, 1)
        row = new_key(masters, 9, KeyPurpose.INDEX, 1, active_from=START, random_bytes=lambda n: secret[:n])
        keys = ProgrammeKeys(masters, lambda: START)
        keys.install([row])
        # HKDF-Expand of one block (RFC 5869, 2.3): HMAC(PRK, info | 0x01).
        field_key = hmac.digest(secret, b"vafa blind index 1\0people.mobile\x01", hashlib.sha256)
        expected = hmac.digest(field_key, b"+989123456789", hashlib.sha256)
        index = FieldCipher(keys).index(9, "people.mobile", "+989123456789")
        assert index == b"\x00\x00\x00\x01" + expected
        assert len(index) == INDEX_BYTES

    def test_equal_values_have_one_index_within_their_field_and_programme(self) -> None:
        index = CIPHER.index(1, "people.mobile", "+989123456789")
        assert CIPHER.index(1, "people.mobile", "+989123456789") == index
        assert CIPHER.index(1, "people.mobile", "+989123456780") != index
        assert CIPHER.index(1, "people.note", "+989123456789") != index
        assert CIPHER.index(2, "people.mobile", "+989123456789") != index

    def test_faults_tell_nothing(self) -> None:
        with pytest.raises(SealFault) as caught:
            CIPHER.open(1, "people.mobile", 6, CIPHER.seal(1, "people.mobile", 5, "+989123456789"))
        assert repr(caught.value) == "SealFault('damaged')"
        assert caught.value.__cause__ is None
