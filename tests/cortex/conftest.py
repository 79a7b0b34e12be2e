"""The images, one run of the measuring one, and the figures that end pytest's report."""

import re
from dataclasses import dataclass, field

import pytest

from firmware.rig.cortex import ROOT, Image, run
from tests.cortex import images

RUN_TIMEOUT_S = 60
TABLE = ROOT / "build" / "cortex-figures.md"
FIGURES = pytest.StashKey[list[str]]()


@dataclass(frozen=True)
class Call:
    """What one call took: microseconds at 125 MIPS, bytes of garbage."""

    us: float
    garbage_bytes: int


@dataclass(frozen=True)
class Report:
    """What the image said: the golden vectors' counts, figures by name; of unit scripts the tests passed, the
    exit code and all the rest. What was said before the first of them is under the name ""."""

    vectors: tuple[int, int, int] = (0, 0, -1)
    calls: dict[str, Call] = field(default_factory=dict)
    passed: dict[str, int] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    complaints: dict[str, list[str]] = field(default_factory=lambda: {"": []})


@pytest.fixture(scope="session")
def terminal_image() -> Image:
    return images.terminal_image()


@pytest.fixture(scope="session")
def watched_image() -> Image:
    return images.watched_image()


@pytest.fixture(scope="session")
def handshake_image() -> Image:
    return images.handshake_image()


@pytest.fixture(scope="session")
def measuring_image() -> Image:
    return images.measuring_image()


@pytest.fixture(scope="session")
def lines(measuring_image: Image) -> list[str]:
    """What the measuring image prints in one run."""
    return run(measuring_image, RUN_TIMEOUT_S)


@pytest.fixture(scope="session")
def report(lines: list[str]) -> Report:
    """The same, read."""
    vectors = (0, 0, -1)
    report = Report()
    script = ""
    for line in lines:
        match line.split():
            case ["vectors", messages, malformed, failed]:
                vectors = (int(messages), int(malformed), int(failed))
            case ["figure", name, us, garbage]:
                report.calls[name] = Call(float(us), int(garbage))
            case ["script", script]:
                report.passed[script] = 0
                report.complaints[script] = []
            case ["ok", _] if script:
                report.passed[script] += 1
            case ["ended", name, code]:
                report.ended[name] = int(code)
            case ["payload" | "heap", *_]:
                pass
            case _:
                report.complaints[script].append(line)
    return Report(vectors, report.calls, report.passed, report.ended, report.complaints)


@dataclass(frozen=True)
class Figures:
    """Rows of the table of figures."""

    rows: list[str]

    def add(self, what: str, measured: object, budget: object = "", unit: str = "") -> None:
        """One row."""
        self.rows.append(f"| {what} | {measured} {unit} | {budget} |".replace("  ", " "))


@pytest.fixture
def figures(pytestconfig: pytest.Config) -> Figures:
    """Rows for the end of pytest's report."""
    return Figures(pytestconfig.stash.setdefault(FIGURES, []))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--power-cuts", type=int, default=8, help="how often the emulated terminal loses its power"
    )
    parser.addoption("--power-cut-seed", type=int, default=20260321, help="when it does")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Prints the figures, whether they keep their budgets or not, and leaves them as a table."""
    rows = config.stash.get(FIGURES, [])
    table = ["| Cortex-M3 at 125 MIPS | measured | budget |", "|---|---:|---:|", *rows]
    terminalreporter.section(f"figures, also in {TABLE.relative_to(ROOT)}")
    for line in table:
        terminalreporter.line(re.sub(r" +", " ", line))
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text("\n".join(table) + "\n", "utf-8")
