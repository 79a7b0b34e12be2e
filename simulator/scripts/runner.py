"""The state machine of a script: events and times go in, actions come out; no socket, no clock.

Steps are a generator that stops where it must wait; every wait has a deadline on the monotonic clock that
the caller tells. Call `start` once, then `take` for each event and `tick` at `deadline_ms`.
"""

from simulator.scripts.events import Action, Close, Ended, Event, Opened, Received, Refused
from simulator.scripts.failure import Failure
from simulator.scripts.link import Link
from simulator.scripts.model import Script
from simulator.scripts.outcome import Outcome
from simulator.scripts.profile import Profile
from simulator.scripts.stage import Stage, StepFailed, Waiting
from simulator.scripts.steps import run_steps


class Runner:
    """One run of a script.

    Parameters: `epoch_ms` the clock on the wall at the start, `first_stan` the trace number before the first.
    """

    def __init__(self, script: Script, profile: Profile, *, epoch_ms: int, first_stan: int = 0) -> None:
        self._stage = Stage(script, profile, epoch_ms=epoch_ms, first_stan=first_stan)
        self._steps: Waiting | None = None

    @property
    def outcome(self) -> Outcome:
        """What was seen; complete when `done`."""
        return self._stage.outcome

    @property
    def done(self) -> bool:
        """Whether the script has ended."""
        return self._stage.done

    @property
    def deadline_ms(self) -> int | None:
        """When `tick` is due."""
        return self._stage.deadline_ms

    @property
    def last_stan(self) -> int:
        """The trace number that was used last."""
        return self._stage.talk.stan

    def start(self, now_ms: int) -> list[Action]:
        """Begin. `now_ms` is the caller's monotonic clock, here and in all that follows."""
        self._stage.started_ms = now_ms
        self._steps = run_steps(self._stage)
        return self._advance(now_ms)

    def take(self, event: Event, now_ms: int) -> list[Action]:
        """Something has happened."""
        stage = self._stage
        if stage.done:
            return []
        match event:
            case Opened(link=number):
                stage.links[number] = Link(number, stage.spec)
                stage.link = max(stage.link, number)
            case Refused(reason=reason):
                stage.refusal = reason
            case Received(link=number, data=data):
                stage.set_time(now_ms)
                link = stage.links.get(number)
                for incoming in link.receive(data) if link else []:
                    stage.note_incoming(incoming)
            case Ended(link=number):
                if number in stage.links:
                    stage.links[number].is_open = False
        return self._advance(now_ms)

    def tick(self, now_ms: int) -> list[Action]:
        """Time has passed."""
        return [] if self._stage.done else self._advance(now_ms)

    def _advance(self, now_ms: int) -> list[Action]:
        stage = self._stage
        stage.set_time(now_ms)
        stage.deadline_ms = None
        stage.depart()
        try:
            if self._steps is not None:
                next(self._steps)
        except StopIteration:
            self._finish(None)
        except StepFailed as failed:
            self._finish(failed.failure)
        if stage.later and not stage.done:
            due_ms = stage.later[0][0]
            stage.deadline_ms = due_ms if stage.deadline_ms is None else min(stage.deadline_ms, due_ms)
        actions, stage.actions = stage.actions, []
        return actions

    def _finish(self, failure: Failure | None) -> None:
        stage = self._stage
        stage.done = True
        stage.outcome.failure = failure
        stage.outcome.elapsed_ms = stage.now_ms - stage.started_ms
        stage.actions += [Close(number) for number, link in stage.links.items() if link.is_open]
