"""Whether a value is what a script expects, without I/O."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from simulator.scripts.clock import seconds_ahead
from simulator.scripts.model import Expectation, Matcher


@dataclass(frozen=True, slots=True)
class Context:
    """What expectations refer to: `resolve` replaces references, `wire` gives a value the form of the wire,
    `asked` is the value in the message that is answered, `epoch_ms` our clock."""

    resolve: Callable[[str | int], str]
    wire: Callable[[str], str]
    asked: str | None
    epoch_ms: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """`expected` in words where the value is another; what to keep under which name otherwise."""

    expected: str | None = None
    capture: str | None = None


def judge(expectation: Expectation, got: str | None, context: Context) -> Verdict:
    """Judge a value, None where the message has none. Raises ReferenceFault."""
    matcher = expectation if isinstance(expectation, Matcher) else Matcher.model_construct(is_=expectation)
    if matcher.absent:
        return Verdict(None if got is None else "(absent)")
    if got is None:
        return Verdict(wanted(matcher, context))
    if all(_holds(matcher, got, context)):
        return Verdict(capture=matcher.capture)
    return Verdict(wanted(matcher, context))


def wanted(matcher: Matcher, context: Context) -> str:
    """The expectation in words, its values in the form of the wire."""
    said = []
    if matcher.is_ is not None:
        said.append(context.wire(context.resolve(matcher.is_)))
    if matcher.echo:
        said.append("(absent)" if context.asked is None else context.asked)
    if matcher.one_of is not None:
        said.append("one of " + ", ".join(context.wire(context.resolve(each)) for each in matcher.one_of))
    if matcher.pattern is not None:
        said.append(f"matching {matcher.pattern}")
    if matcher.least is not None:
        said.append(f"at least {context.resolve(matcher.least)}")
    if matcher.most is not None:
        said.append(f"at most {context.resolve(matcher.most)}")
    if matcher.clock_within_s is not None:
        said.append(f"the time in UTC, give or take {matcher.clock_within_s} s")
    return ", ".join(said) or "(any value)"


def _holds(matcher: Matcher, got: str, context: Context) -> list[bool]:
    found = []
    if matcher.is_ is not None:
        found.append(got == context.wire(context.resolve(matcher.is_)))
    if matcher.echo:
        found.append(got == context.asked)
    if matcher.one_of is not None:
        found.append(any(got == context.wire(context.resolve(each)) for each in matcher.one_of))
    if matcher.pattern is not None:
        found.append(re.fullmatch(matcher.pattern, got, re.DOTALL) is not None)
    if matcher.least is not None or matcher.most is not None:
        found.append(_is_between(matcher, got, context))
    if matcher.clock_within_s is not None:
        ahead_s = seconds_ahead(got, context.epoch_ms)
        found.append(ahead_s is not None and abs(ahead_s) <= matcher.clock_within_s)
    return found


def _is_between(matcher: Matcher, got: str, context: Context) -> bool:
    if not (got.isascii() and got.isdecimal()):
        return False
    bounds = [None if bound is None else context.resolve(bound) for bound in (matcher.least, matcher.most)]
    least, most = (int(bound) if bound is not None and bound.isdecimal() else None for bound in bounds)
    return (least is None or int(got) >= least) and (most is None or int(got) <= most)
