"""Writes the page of benchmarks: `python -m tools.bench.page docs/benchmarks.md`."""

import sys
from pathlib import Path

from tools.bench import codec
from tools.commands.bench import table

_HEAD = """# Benchmarks

Made by `make benchmarks` from what `vafa bench` prints. Contenders take turns in one run, so the ratios hold
also where the machine is slow or busy; the absolute figures are those of one machine on one day.
"""


def page() -> str:
    """The whole page, measured now."""
    about = (codec.__doc__ or "").strip()
    return "\n".join(
        [_HEAD, "## Codec: `vafa bench codec`", "", about, "", table(codec.run(quick=False)), ""]
    )


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), "utf-8")
