"""The progress of a load: one line that is written anew, or a line for each second where nobody looks."""

import sys

import click

from simulator.load import Second


class Progress:
    """Writes to standard error."""

    def __init__(self, *, is_quiet: bool) -> None:
        self._is_quiet = is_quiet
        self._is_live = sys.stderr.isatty()

    def second(self, second: Second) -> None:
        """Tell of a second that is over."""
        if self._is_quiet:
            return
        wanted = "" if second.rate is None else f" of {second.rate:,.0f}"
        times = "-"
        if second.latency is not None:
            times = f"{second.latency.p50 / 1e6:.2f} / {second.latency.p99 / 1e6:.2f} ms"
        line = (
            f"{second.number + 1:5} s {second.stage or 'end':12} sent {second.sent:,}{wanted}"
            f"  answered {second.answered:,}  p50 / p99 {times}"
            f"  failed {second.failed:,}  on their way {second.in_flight:,}"
        )
        # Erase in line (ECMA-48, 8.3.41), as the line before may have been longer.
        click.echo(f"\r{line}\x1b[K" if self._is_live else line, err=True, nl=not self._is_live)

    def end(self) -> None:
        """Leave the live line."""
        if self._is_live and not self._is_quiet:
            click.echo(err=True)
