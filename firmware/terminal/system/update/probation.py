"""How long an image on trial has to prove itself, and by what."""

from terminal.constant import const

_PROBATION_MS = const(60000)


class Probation:
    """When an image on trial has done enough: recovered, heard by the switch, and long enough at work."""

    def __init__(self, wait_ms: int = _PROBATION_MS) -> None:
        self._wait_ms = wait_ms
        self.recovered = False
        self.answered = False

    def is_over(self, uptime_ms: int) -> bool:
        """Whether `Updates.confirm` is due, so many milliseconds after the start."""
        return self.recovered and self.answered and uptime_ms >= self._wait_ms
