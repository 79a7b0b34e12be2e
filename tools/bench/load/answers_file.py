"""What was answered, by journal position: for the proof that the journal says the same."""

from array import array
from collections.abc import Iterable
from pathlib import Path

from tools.bench.load.replies import Answer


def write_answers(path: Path, answers: Iterable[Answer]) -> None:
    """Keep position, STAN and points of each answer that names a position."""
    numbers = array("Q")
    for answer in answers:
        if answer.position:
            numbers.extend((answer.position, answer.stan, answer.points))
    path.write_bytes(numbers.tobytes())


def read_answers(path: Path) -> dict[int, tuple[int, int]]:
    """STAN and points by position."""
    numbers = array("Q")
    numbers.frombytes(path.read_bytes())
    return dict(zip(numbers[::3], zip(numbers[1::3], numbers[2::3], strict=True), strict=True))
