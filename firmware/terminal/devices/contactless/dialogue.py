"""One command and its answer: what to do at each frame and each silence. NXP UM0701-02, clause 6.2.2.

The chip acknowledges a command, works, and answers. A damaged answer is asked for again by NACK. A command
that nobody acknowledged is sent again, but not one that a card may already have carried out.
"""

from terminal.constant import const
from terminal.devices.contactless import frames

# What the caller does next.
WAIT = const(0)
SEND_COMMAND = const(1)
SEND_NACK = const(2)
DONE = const(3)
FAILED = const(4)

_TRIES = const(3)
_FRAMES = const(12)


class Dialogue:
    """From a command that was just sent to its answer.

    Args:
        command: its code.
        repeatable: it does no harm twice.
    """

    def __init__(self, command: int, repeatable: bool) -> None:
        self.answer = b""
        self.fault = ""
        self.acknowledged = False
        self._expected = command + 1
        self._tries_left = _TRIES - 1 if repeatable else 0
        self._nacks_left = _TRIES - 1
        self._frames_left = _FRAMES

    def take(self, kind: int, data: bytes) -> int:
        """The next frame came; returns what to do."""
        self._frames_left -= 1
        if self._frames_left < 0:
            return self._failed("answer")
        if kind == frames.ACK:
            self.acknowledged = True
            return WAIT
        if kind == frames.DATA:
            if not self.acknowledged or data[0] != self._expected:
                return WAIT  # the late answer of a command that was given up
            self.answer = data
            return DONE
        if kind == frames.ERROR:
            return self._failed("refused")
        if kind == frames.NACK:
            return self._again()
        if self.acknowledged:
            return self._nack()
        self.acknowledged = True  # what else would the chip have sent first
        return WAIT

    def expired(self, unfinished: bool) -> int:
        """Nothing came in time; `unfinished` if a frame had begun. Returns what to do."""
        if unfinished and self.acknowledged:
            return self._nack()
        if self.acknowledged:
            return self._failed("silent")
        return self._again()

    def _again(self) -> int:
        if not self._tries_left:
            return self._failed("silent")
        self._tries_left -= 1
        self.acknowledged = False
        return SEND_COMMAND

    def _nack(self) -> int:
        if not self._nacks_left:
            return self._failed("answer")
        self._nacks_left -= 1
        return SEND_NACK

    def _failed(self, reason: str) -> int:
        self.fault = reason
        return FAILED
