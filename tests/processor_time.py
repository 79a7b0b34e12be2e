"""What tests cost: a plugin that prints the dearest files by processor time, as wall time tells little on a
busy machine. Of other processes counts what has been waited for.

`PYTHONPATH=. make test ARGS='-p tests.processor_time'`
"""

import resource
from collections import defaultdict
from collections.abc import Iterator

import pytest

_SHOWN = 40
_SPENT = "processor_s"
_begun: list[float] = []
_spent_s: defaultdict[str, float] = defaultdict(float)


def _processor_s() -> float:
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup() -> Iterator[None]:
    _begun[:] = [_processor_s()]
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    try:
        return (yield)
    finally:
        item.user_properties.append((_SPENT, _processor_s() - _begun[0]))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "teardown":
        spent_s = dict(report.user_properties).get(_SPENT)
        if isinstance(spent_s, float):
            _spent_s[report.nodeid.partition("::")[0]] += spent_s


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section(f"{sum(_spent_s.values()):.0f} s of processor time, the dearest files")
    dearest = sorted(_spent_s.items(), key=lambda of_file: -of_file[1])
    for path, spent_s in dearest[:_SHOWN]:
        terminalreporter.line(f"{spent_s:8.1f} s  {path}")
