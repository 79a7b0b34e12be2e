"""A draw checked as a member checks it."""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[4] / "docs/club-services/verify_draw.py"


def verify(directory: Path, what: str, *documents: str) -> tuple[int, str]:
    """What a member's own check says, without any of the club's packages."""
    paths = []
    for number, document in enumerate(documents):
        paths.append(directory / f"{number}.txt")
        paths[-1].write_text(document, "utf-8")
    done = subprocess.run(
        [sys.executable, "-I", SCRIPT, what, *paths], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout
