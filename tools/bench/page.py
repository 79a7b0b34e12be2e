"""Writes the page of benchmarks: `python -m tools.bench.page docs/benchmarks.md`."""

import sys
from pathlib import Path

from tools.bench import codec, rules, switch
from tools.bench.measure import Report
from tools.commands.bench import table

_HEAD = """# Benchmarks

Made by `make benchmarks` from what `vafa bench` prints. Contenders take turns in one run, so the ratios hold
also where the machine is slow or busy; the absolute figures are those of one machine on one day.
"""


def page() -> str:
    """The whole page, measured now."""
    return "\n".join(
        [
            _HEAD,
            *_section("Codec", "codec", codec.__doc__, codec.run(quick=False)),
            *_section("Rules", "rules", rules.__doc__, rules.run(quick=False)),
            *_section("Switch", "switch", switch.__doc__, switch.run(quick=False)),
        ]
    )


def _section(title: str, name: str, about: str | None, report: Report) -> list[str]:
    return [f"## {title}: `vafa bench {name}`", "", (about or "").strip(), "", table(report), ""]


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), "utf-8")
