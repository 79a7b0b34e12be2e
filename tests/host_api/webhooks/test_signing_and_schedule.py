"""Signatures by the library of Standard Webhooks, and when attempts are repeated."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from host_api.services.webhooks.retry_schedule import DELAYS, RetrySchedule
from host_api.services.webhooks.signature import new_secret, signature_headers


def test_the_example_of_the_published_scheme() -> None:
    # standard-webhooks/standard-webhooks, libraries/python/tests: the vector of its signing test.
    headers = signature_headers(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_the_library_signs_the_same(text: str) -> None:
    secret = new_secret()
    now = datetime.now(UTC)
    headers = signature_headers([secret], "evt_1", int(now.timestamp()), text.encode())
    assert headers["webhook-signature"] == Verifier(secret).sign("evt_1", now, text)


def test_during_a_rotation_either_secret_is_enough() -> None:
    first, second, other = new_secret(), new_secret(), new_secret()
    assert len({first, second, other}) == 3
    headers = signature_headers([second, first], "evt_1", int(datetime.now(UTC).timestamp()), b"{}")
    for secret in (first, second):
        assert Verifier(secret).verify(b"{}", headers) == {}
    with pytest.raises(WebhookVerificationError):
        Verifier(other).verify(b"{}", headers)
    with pytest.raises(WebhookVerificationError):
        Verifier(first).verify(b"{ }", headers)


def test_twelve_attempts_with_growing_delays_over_three_days() -> None:
    schedule = RetrySchedule()
    middle = [schedule.delay(number, None, lambda: 0.5) for number in range(1, 13)]
    assert middle == [*DELAYS, None]
    assert list(DELAYS) == sorted(DELAYS)
    assert timedelta(days=2) < sum(DELAYS, timedelta()) < timedelta(days=4)
    source = random.Random(3)
    drawn = [schedule.delay(6, None, source.random) for _ in range(200)]
    known = [delay for delay in drawn if delay is not None]
    assert len(set(known)) > 100
    assert timedelta(minutes=48) <= min(known) < max(known) <= timedelta(minutes=72)


def test_the_receiver_may_ask_for_more_time_within_a_day() -> None:
    schedule = RetrySchedule()
    assert schedule.delay(1, timedelta(hours=1), lambda: 0.5) == timedelta(hours=1)
    assert schedule.delay(1, timedelta(days=9), lambda: 0.5) == timedelta(hours=24)
    assert schedule.delay(6, timedelta(seconds=1), lambda: 0.5) == timedelta(hours=1)
    assert schedule.delay(12, timedelta(hours=1), lambda: 0.5) is None


def test_patience_needs_failures_and_time() -> None:
    schedule = RetrySchedule(failures_to_switch_off=3, failing_to_switch_off=timedelta(hours=1))
    assert not schedule.is_exhausted(2, timedelta(hours=2))
    assert not schedule.is_exhausted(300, timedelta(minutes=59))
    assert schedule.is_exhausted(3, timedelta(hours=1))
