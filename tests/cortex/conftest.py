"""One build and one run of the image, which all tests read; its figures end pytest's report."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from firmware.rig.cortex import ROOT, Image, build, run
from tests.cortex import golden_cases

MANIFEST = Path(__file__).parent / "on_vm" / "manifest.py"
FOLDER = ROOT / ".rig" / "cortex"
RUN_TIMEOUT_S = 60
FIGURES = pytest.StashKey[list[str]]()


@dataclass(frozen=True)
class Call:
    """What one call took: microseconds at 125 MIPS, bytes of garbage."""

    us: float
    garbage_bytes: int


@dataclass(frozen=True)
class Report:
    """What the image said: the golden vectors' counts and complaints, and its figures by name."""

    vectors: tuple[int, int, int]
    complaints: list[str]
    calls: dict[str, Call]


@pytest.fixture(scope="session")
def image() -> Image:
    """The firmware with the measuring scripts."""
    vectors = FOLDER / "vectors"
    vectors.mkdir(parents=True, exist_ok=True)
    (vectors / "golden_cases.py").write_text(golden_cases.module(), "utf-8")
    return build(MANIFEST, FOLDER / "image", VECTORS_DIR=vectors)


@pytest.fixture(scope="session")
def lines(image: Image) -> list[str]:
    """What it prints in one run."""
    return run(image, RUN_TIMEOUT_S)


@pytest.fixture(scope="session")
def report(lines: list[str]) -> Report:
    """The same, read."""
    vectors = (0, 0, -1)
    complaints: list[str] = []
    calls: dict[str, Call] = {}
    for line in lines:
        match line.split():
            case ["vectors", messages, malformed, failed]:
                vectors = (int(messages), int(malformed), int(failed))
            case ["figure", name, us, garbage]:
                calls[name] = Call(float(us), int(garbage))
            case ["payload" | "heap", *_]:
                pass
            case _:
                complaints.append(line)
    return Report(vectors, complaints, calls)


@pytest.fixture
def figures(pytestconfig: pytest.Config) -> list[str]:
    """Lines for the end of pytest's report."""
    return pytestconfig.stash.setdefault(FIGURES, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Prints the figures, whether they keep their budgets or not."""
    terminalreporter.section("Cortex-M3 at 125 MIPS: figure / budget")
    for line in config.stash.get(FIGURES, []):
        terminalreporter.line(line)
