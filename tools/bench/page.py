"""Writes the page of benchmarks: `python -m tools.bench.page docs/benchmarks.md [--only NAME]`."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import click

from tools.bench import codec, festivals, host_api, referral_network, rules, switch
from tools.bench.measure import Report
from tools.commands.bench import table

_HEAD = """# Benchmarks

Made by `make benchmarks` from what `vafa bench` prints. Contenders take turns in one run, so the ratios hold
also where the machine is slow or busy; the absolute figures are those of one machine on one day.
"""


class _Section(NamedTuple):
    title: str
    module: ModuleType

    @property
    def report(self) -> Report:
        run: Callable[..., Report] = self.module.run
        return run(quick=False)


_SECTIONS = {
    "codec": _Section("Codec", codec),
    "rules": _Section("Rules", rules),
    "switch": _Section("Switch", switch),
    "host-api": _Section("Host API", host_api),
    "festivals": _Section("Festivals", festivals),
    "referral-network": _Section("Referral network", referral_network),
}


def sections_of(page: str) -> dict[str, str]:
    """The sections of a page that was written before, by the names of their benchmarks."""
    texts = ("\n" + page).split("\n## ")[1:]
    return {text.partition("`vafa bench ")[2].partition("`")[0]: f"## {text.rstrip()}\n" for text in texts}


def page_of(sections: dict[str, str]) -> str:
    """The page with those sections that there are."""
    return "\n".join([_HEAD, *(sections[name] for name in _SECTIONS if name in sections)])


def _measured(name: str) -> str:
    section = _SECTIONS[name]
    about = (section.module.__doc__ or "").strip()
    return f"## {section.title}: `vafa bench {name}`\n\n{about}\n\n{table(section.report)}\n"


@click.command()
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--only", type=click.Choice(list(_SECTIONS)), multiple=True, help="Keep the other sections.")
def main(path: Path, only: tuple[str, ...]) -> None:
    """Measure, and write the page at PATH; each section as soon as it is measured."""
    sections = sections_of(path.read_text("utf-8")) if only else {}
    for name in only or _SECTIONS:
        sections[name] = _measured(name)
        path.write_text(page_of(sections), "utf-8")


if __name__ == "__main__":
    main()
