"""Running cases one after another against one subject."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from simulator.certification.pack import Case, Subject
from simulator.scripts import Endpoint, Outcome, Profile, run_script
from simulator.scripts.shell import OnAsk, OnProgress


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A case and how it ended."""

    case: Case
    outcome: Outcome

    @property
    def passed(self) -> bool:
        """Whether the subject did what the case wants."""
        return self.outcome.passed


@dataclass(frozen=True, slots=True)
class Certificate:
    """All results of a run.

    `left_out` are the cases of features that the subject is declared to be without; `is_whole` tells that all
    others of the pack were run.
    """

    subject: Subject
    results: tuple[CaseResult, ...]
    is_whole: bool
    left_out: tuple[Case, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the whole pack was passed, but for what was left out as declared."""
        return self.is_whole and all(result.passed for result in self.results)

    @property
    def without(self) -> tuple[str, ...]:
        """The features of the cases that were left out."""
        return tuple(sorted({case.feature for case in self.left_out}))


async def certify(
    subject: Subject,
    cases: Iterable[Case],
    profile: Profile,
    endpoint: Endpoint,
    *,
    is_whole: bool = True,
    left_out: tuple[Case, ...] = (),
    on_case: Callable[[Case], None] = lambda _: None,
    on_result: Callable[[CaseResult], None] = lambda _: None,
    on_ask: OnAsk | None = None,
    on_progress: OnProgress | None = None,
) -> Certificate:
    """Run cases in their order; one that fails does not keep the others from running."""
    results = []
    for case in cases:
        on_case(case)
        outcome = await run_script(case.script, profile, endpoint, on_ask=on_ask, on_progress=on_progress)
        result = CaseResult(case, outcome)
        results.append(result)
        on_result(result)
    return Certificate(subject, tuple(results), is_whole, left_out)
