"""One-time codes: the vectors of RFC 4226 and RFC 6238, no code twice, recovery codes, texted codes."""

import os
import secrets
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_api.core.one_time_codes import (
    RECOVERY_CODES,
    hotp_code,
    matching_recovery_code,
    new_recovery_codes,
    new_totp_secret,
    recovery_code_sha256,
    totp_secret_text,
    totp_uri,
    verify_totp,
)
from host_api.core.texted_codes import CodeOutcome, TextedCode, issue_code, try_code

RFC_SECRET = b"12345678901234567890"
# RFC 4226, appendix D.
HOTP_VECTORS = [
    *("755224", "287082", "359152", "969429", "338314"),
    *("254676", "287922", "162583", "399871", "520489"),
]
# RFC 6238, appendix B, SHA1; its codes have eight digits, of which six are the last six.
TOTP_VECTORS = [
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
]

KEY = bytes(range(32))
NOW = datetime(2026, 11, 16, 12, tzinfo=UTC)


@pytest.mark.parametrize(("counter", "code"), list(enumerate(HOTP_VECTORS)), ids=HOTP_VECTORS)
def test_hotp_vectors(counter: int, code: str) -> None:
    assert hotp_code(RFC_SECRET, counter) == code


@pytest.mark.parametrize(("now_s", "code"), TOTP_VECTORS, ids=[code for _, code in TOTP_VECTORS])
def test_totp_vectors(now_s: int, code: str) -> None:
    assert verify_totp(RFC_SECRET, code[-6:], now_s=now_s, last_used_step=None) == now_s // 30


class TestTotp:
    def test_a_code_works_once_and_none_before_it_afterwards(self) -> None:
        step = 37_000_000
        now_s = step * 30
        used = verify_totp(RFC_SECRET, hotp_code(RFC_SECRET, step), now_s=now_s, last_used_step=None)
        assert used == step
        for earlier in (step - 1, step):
            code = hotp_code(RFC_SECRET, earlier)
            assert verify_totp(RFC_SECRET, code, now_s=now_s, last_used_step=used) is None
        following = hotp_code(RFC_SECRET, step + 1)
        assert verify_totp(RFC_SECRET, following, now_s=now_s, last_used_step=used) == step + 1

    @pytest.mark.parametrize(
        ("steps_off", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
    )
    def test_clocks_may_differ_by_one_step(self, steps_off: int, accepted: bool) -> None:
        step = 37_000_000
        code = hotp_code(RFC_SECRET, step + steps_off)
        found = verify_totp(RFC_SECRET, code, now_s=step * 30 + 29, last_used_step=None)
        assert found == (step + steps_off if accepted else None)

    @pytest.mark.parametrize("typed", ["287 082", "۲۸۷۰۸۲", "٢٨٧-٠٨٢", "\u200e287082 "])
    def test_it_is_typed_in_many_ways(self, typed: str) -> None:
        assert verify_totp(RFC_SECRET, typed, now_s=59, last_used_step=None) == 1

    @given(st.text(max_size=60))
    def test_no_text_raises(self, typed: str) -> None:
        assert verify_totp(RFC_SECRET, typed, now_s=59, last_used_step=2) is None

    def test_the_uri_is_what_authenticators_read(self) -> None:
        uri = urlsplit(totp_uri(RFC_SECRET, account="sara@club", issuer="Vafa"))
        assert (uri.scheme, uri.netloc, uri.path) == ("otpauth", "totp", "/Vafa:sara%40club")
        assert parse_qs(uri.query) == {
            "secret": ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"],  # RFC 4648 base 32 of the secret
            "issuer": ["Vafa"],
            "algorithm": ["SHA1"],
            "digits": ["6"],
            "period": ["30"],
        }
        assert totp_secret_text(RFC_SECRET) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"

    def test_a_new_secret_has_160_bits(self) -> None:
        assert len(new_totp_secret(os.urandom)) == 20


class TestRecoveryCodes:
    def test_each_opens_once(self) -> None:
        codes = new_recovery_codes(os.urandom)
        kept = {recovery_code_sha256(code) for code in codes}
        assert len(kept) == RECOVERY_CODES
        for code in codes:
            fitting = matching_recovery_code(code, kept)
            assert fitting is not None
            kept.remove(fitting)
            assert matching_recovery_code(code, kept) is None

    def test_it_is_typed_in_many_ways(self) -> None:
        kept = recovery_code_sha256("OB2I 77ZZ")
        for typed in ("ob2i77zz", "082i-77zz", "0b21 ۷۷ZZ", "\u200eOB2I 77ZZ"):
            assert recovery_code_sha256(typed) == kept
        assert recovery_code_sha256("OB2I 77Z2") != kept

    @given(st.text(st.characters(), max_size=80))
    def test_no_text_raises(self, typed: str) -> None:
        assert matching_recovery_code(typed, [bytes(32)]) is None


def issued(now: datetime = NOW) -> tuple[str, TextedCode]:
    return issue_code(
        KEY,
        purpose="login",
        receiver="+989123456789",
        now=now,
        random_below=secrets.randbelow,
        random_bytes=secrets.token_bytes,
    )


def tried(
    kept: TextedCode,
    typed: str,
    *,
    purpose: str = "login",
    receiver: str = "+989123456789",
    now: datetime = NOW,
    key: bytes = KEY,
) -> tuple[CodeOutcome, TextedCode]:
    return try_code(key, kept, typed, purpose=purpose, receiver=receiver, now=now)


def another(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


class TestTextedCode:
    def test_it_is_accepted_once(self) -> None:
        code, kept = issued()
        assert len(code) == 6 and code.isdigit()
        outcome, kept = tried(kept, code)
        assert outcome is CodeOutcome.ACCEPTED
        assert tried(kept, code)[0] is CodeOutcome.SPENT

    def test_it_expires(self) -> None:
        code, kept = issued()
        assert tried(kept, code, now=kept.expires_at - timedelta(microseconds=1))[0] is CodeOutcome.ACCEPTED
        assert tried(kept, code, now=kept.expires_at) == (CodeOutcome.EXPIRED, kept)

    def test_tries_run_out(self) -> None:
        code, kept = issued()
        for left in (4, 3, 2, 1, 0):
            outcome, kept = tried(kept, another(code))
            assert (outcome, kept.tries_left) == (CodeOutcome.WRONG, left)
        assert tried(kept, code) == (CodeOutcome.SPENT, kept)

    def test_it_is_for_its_purpose_its_receiver_and_its_server(self) -> None:
        code, kept = issued()
        assert tried(kept, code, purpose="pay")[0] is CodeOutcome.WRONG
        assert tried(kept, code, receiver="+989120000000")[0] is CodeOutcome.WRONG
        assert tried(kept, code, key=bytes(32))[0] is CodeOutcome.WRONG
        # Parts can't be shifted into one another.
        assert tried(kept, code, purpose="login+", receiver="989123456789")[0] is CodeOutcome.WRONG

    def test_it_is_typed_in_many_ways(self) -> None:
        code, kept = issued()
        persian = code.translate({ord("0") + digit: "۰۱۲۳۴۵۶۷۸۹"[digit] for digit in range(10)})
        for typed in (persian, f" {code[:3]} {code[3:]}", f"{code[:3]}-{code[3:]}"):
            assert tried(kept, typed)[0] is CodeOutcome.ACCEPTED

    @given(st.text(st.characters(), max_size=60))
    def test_no_text_raises(self, typed: str) -> None:
        _, kept = issued()
        assert tried(kept, typed + "x")[0] is CodeOutcome.WRONG

    def test_what_is_kept_shows_no_code(self) -> None:
        code, kept = issued()
        assert code not in repr(kept)
        assert "digest" not in repr(kept)

    def test_leading_zeros_stay(self) -> None:
        code, _ = issue_code(
            KEY, purpose="p", receiver="r", now=NOW, random_below=lambda _: 7, random_bytes=bytes
        )
        assert code == "000007"
