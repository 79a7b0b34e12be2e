"""Carries messages to one receiver, in a thread of its own that may wait as long as the receiver does."""

import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, Protocol

from switch.console.alarms.grouping import Group, Grouping
from switch.console.alarms.records import Record
from switch.logs import fields

_LOG = logging.getLogger("switch.console.alarms")

TRIES_MAX: Final = 10
_FIRST_WAIT_S: Final = 1.0
_WAIT_S_MAX: Final = 300.0


class Undelivered(Exception):  # noqa: N818  (an answer of the receiver)
    """The receiver did not take it; the text holds nothing of the message, of addresses or of secrets."""


class Channel(Protocol):
    """A way to a receiver."""

    @property
    def name(self) -> str:
        """For logs and the console."""

    def deliver(self, group: Group, message_id: str) -> None:
        """Deliver one message; the same id for every try. Raises Undelivered, OSError."""


class Delivered(NamedTuple):
    """What has become of a receiver's messages; `waiting` are happenings that are in none yet."""

    name: str
    delivered: int
    failed_tries: int
    given_up: int
    waiting: int


def wait_s(tries: int, jitter: float) -> float:
    """How long to wait after so many failed tries: doubling from a second to five minutes, less up to half of
    it by `jitter` from 0 to 1."""
    return min(_WAIT_S_MAX, _FIRST_WAIT_S * 2.0 ** min(tries - 1, 30)) * (1 - jitter / 2)


class Courier:
    """Of one channel. One message is under way at a time, and what happens meanwhile goes into the next."""

    def __init__(
        self,
        channel: Channel,
        grouping: Grouping,
        new_id: Callable[[], str],
        first_wait_s: Callable[[int, float], float] = wait_s,
    ) -> None:
        """`first_wait_s` tells how long to wait after so many failed tries."""
        self._channel = channel
        self._grouping = grouping
        self._new_id = new_id
        self._wait_s = first_wait_s
        self._changed = threading.Condition()
        self._is_closing = False
        self._is_busy = False
        self._delivered = self._failed_tries = self._given_up = 0
        self._thread = threading.Thread(target=self._run, name=f"alarms to {channel.name}", daemon=True)
        self._thread.start()

    def put(self, records: Sequence[Record]) -> None:
        """Have happenings told. Never waits for the receiver."""
        with self._changed:
            for record in records:
                self._grouping.put(record, time.monotonic())
            self._changed.notify_all()

    def standing(self) -> Delivered:
        """What has become of them."""
        with self._changed:
            return Delivered(
                self._channel.name, self._delivered, self._failed_tries, self._given_up, self._grouping.count
            )

    def end(self) -> None:
        """Send what waits at once, and once only; then take no more."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()

    def join(self, timeout_s: float) -> None:
        """Wait a little for the end."""
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while (group := self._next()) is not None:
            self._carry(group)

    def _next(self) -> Group | None:
        with self._changed:
            while True:
                now_s = time.monotonic()
                group = self._grouping.take(now_s, at_once=self._is_closing)
                if group is not None or self._is_closing:
                    return group
                self._changed.wait(self._grouping.waits_s(now_s))

    def _carry(self, group: Group) -> None:
        message_id = self._new_id()
        for tries in range(1, TRIES_MAX + 1):
            try:
                self._channel.deliver(group, message_id)
            except (OSError, Undelivered) as fault:
                if not self._goes_on(tries, fault):
                    return
            else:
                with self._changed:
                    self._delivered += 1
                return

    def _goes_on(self, tries: int, fault: Exception) -> bool:
        told = fields(channel=self._channel.name, tries=tries, fault=_text_of(fault))
        with self._changed:
            self._failed_tries += 1
            is_last = tries == TRIES_MAX or self._is_closing
            if not is_last:
                _LOG.warning("alarms not delivered yet", extra=told)
                self._changed.wait_for(lambda: self._is_closing, self._wait_s(tries, random.random()))
                return True
            self._given_up += 1
        _LOG.error("alarms given up", extra=told)
        return False


def _text_of(fault: Exception) -> str:
    return str(fault) if isinstance(fault, Undelivered) else type(fault).__name__
