"""What was answered, by journal position: for the proof that the journal says the same."""

from array import array
from pathlib import Path


class AnswersKept:
    """Position, STAN and points of each answer that names a position."""

    def __init__(self) -> None:
        self._numbers = array("Q")

    def keep(self, position: int, stan: int, points: int) -> None:
        """Add an answer; one without a position is none of the journal's."""
        if position:
            self._numbers.extend((position, stan, points))

    def write(self, path: Path) -> None:
        """Write them all."""
        path.write_bytes(self._numbers.tobytes())


def read_answers(path: Path) -> dict[int, tuple[int, int]]:
    """STAN and points by position."""
    numbers = array("Q")
    numbers.frombytes(path.read_bytes())
    return dict(zip(numbers[::3], zip(numbers[1::3], numbers[2::3], strict=True), strict=True))
