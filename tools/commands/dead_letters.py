"""`vafa switch dead-letters`."""

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tools.dead_letters.client import Letter, LettersClient

_URL = click.option(
    "--url", default="http://127.0.0.1:7584", show_default=True, help="The switch's operations port."
)
_TOKEN = click.option(
    "--token-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=Path("var/keys/feed.token"),
    show_default=True,
    help="The switch's feed token.",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="JSON instead of a text.")
_NUMBERS = click.argument("numbers", metavar="NUMBER...", type=click.IntRange(0), nargs=-1, required=True)
_HEADINGS = ("number", "queued at", "terminal", "kind", "amount", "attempts", "reason")


@click.group("dead-letters")
def dead_letters() -> None:
    """What the partner's switch refused for good, or too often: look, and revive or discard.

    Asks the running switch, which owns the queue, and logs what it is asked.
    """


@dead_letters.command("list")
@_URL
@_TOKEN
@_JSON
def list_letters(url: str, token_file: Path, *, as_json: bool) -> None:
    """Print all dead letters, oldest first; times are UTC."""
    with _client(url, token_file) as client:
        letters = list(client.all())
    if as_json:
        for letter in letters:
            click.echo(letter.model_dump_json())
        return
    cells = [_HEADINGS, *map(_cells, letters)] if letters else []
    widths = [max(len(cell[column]) for cell in cells) for column in range(len(_HEADINGS))] if cells else []
    for cell in cells:
        click.echo("  ".join(text.ljust(width) for text, width in zip(cell, widths, strict=True)).rstrip())
    if not cells:
        click.echo("no dead letters", err=True)


@dead_letters.command()
@_URL
@_TOKEN
@_JSON
@click.argument("number", type=click.IntRange(0))
def show(url: str, token_file: Path, number: int, *, as_json: bool) -> None:
    """Print a dead letter with its message; card numbers and names are masked."""
    with _client(url, token_file) as client:
        letter = client.one(number)
    if as_json:
        click.echo(json.dumps(letter.model_dump(exclude_none=True), ensure_ascii=False))
        return
    for heading, text in zip(_HEADINGS, _cells(letter), strict=True):
        click.echo(f"{heading:<10}  {text}")
    click.echo(f"\nmessage {letter.mti}")
    leaves = [leaf for field in letter.message.fields for leaf in field.leaves()]
    width = max((len(leaf.path) for leaf in leaves), default=0)
    for leaf in leaves:
        title = "" if leaf.title is None else f"  ({leaf.title.en})"
        click.echo(f"{leaf.path:<{width}}  {leaf.value or ''}{title}")


@dead_letters.command()
@_URL
@_TOKEN
@_NUMBERS
def revive(url: str, token_file: Path, numbers: tuple[int, ...]) -> None:
    """Put dead letters back into the queue, each before the newer ones of its terminal.

    They get all their attempts again.
    """
    with _client(url, token_file) as client:
        _each(numbers, client.revive, "is in the queue again")


@dead_letters.command()
@_URL
@_TOKEN
@_NUMBERS
@click.option("--reason", required=True, help="Why, for whoever reads the log; at most 200 characters.")
def discard(url: str, token_file: Path, numbers: tuple[int, ...], reason: str) -> None:
    """Give dead letters up: the partner will never get them. There is no way back."""
    with _client(url, token_file) as client:
        _each(numbers, lambda number: client.discard(number, reason), "is discarded")


@contextlib.contextmanager
def _client(url: str, token_file: Path) -> Iterator["LettersClient"]:
    from tools.dead_letters.client import (  # noqa: PLC0415  (an HTTP client: not needed to run a switch)
        LettersClient,
        LettersFault,
    )

    try:
        token = token_file.read_text("ascii").strip()
    except OSError as error:
        raise click.ClickException(f"{token_file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise click.ClickException(f"{token_file}: no ASCII text") from None
    with contextlib.closing(LettersClient(url, token)) as client:
        try:
            yield client
        except LettersFault as fault:
            raise click.ClickException(str(fault)) from None


def _each(numbers: tuple[int, ...], act: Callable[[int], None], done: str) -> None:
    """Act on each; what was done is told, also where a later one fails."""
    for number in numbers:
        act(number)
        click.echo(f"{number} {done}")


def _cells(letter: "Letter") -> tuple[str, ...]:
    return (
        str(letter.number),
        letter.queued_at,
        letter.terminal,
        letter.kind,
        f"{letter.amount:,}",
        str(letter.attempts),
        letter.reason,
    )
