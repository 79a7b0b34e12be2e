"""What is going to happen, in the order in which it will: the only clock of a simulated world."""

import heapq
from collections.abc import Callable

Action = Callable[[], None]


class Appointment:
    """Something on the agenda; `cancel` takes it off again."""

    __slots__ = ("action",)

    def __init__(self, action: Action) -> None:
        self.action: Action | None = action

    def cancel(self) -> None:
        """Have nothing happen."""
        self.action = None


class Agenda:
    """Actions by their time, milliseconds from the start; those of one time in the order of their making."""

    def __init__(self) -> None:
        self.now_ms = 0
        self.done = 0
        self._order = 0
        self._waiting: list[tuple[int, int, Appointment]] = []

    def after(self, delay_ms: int, action: Action) -> Appointment:
        """Have an action done once this much time has passed."""
        appointment = Appointment(action)
        self._order += 1
        heapq.heappush(self._waiting, (self.now_ms + max(delay_ms, 0), self._order, appointment))
        return appointment

    def step(self) -> bool:
        """Do the next action; False where there is none."""
        while self._waiting:
            at_ms, _, appointment = heapq.heappop(self._waiting)
            action = appointment.action
            if action is None:
                continue
            self.now_ms = at_ms
            self.done += 1
            action()
            return True
        return False
