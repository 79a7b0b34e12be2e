"""`vafa firmware`."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from tools.update import image as images
from tools.update import parameters as documents
from tools.update.signing_key import (
    UpdateFault,
    fingerprint,
    generate,
    modulus_of,
    read_modulus,
    read_private_key,
)

_FILE = click.Path(path_type=Path, dir_okay=False)
_PATH = click.Path(path_type=Path, exists=True)
_KEY = click.option("--key", "key_file", type=_FILE, help="PEM of an RSA-2048 key, mode 0600.")
_OUTPUT = click.option("--output", "-o", type=_FILE, required=True)
_PUBLIC = click.option("--public-key", type=_FILE, required=True, help="512 hexadecimal digits.")
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object.")


@click.group()
def firmware() -> None:
    """Updates for terminals: pack, sign and look into images and parameter documents."""


@firmware.command()
@click.argument("private", type=_FILE)
@click.argument("public", type=_FILE)
def keys(private: Path, public: Path) -> None:
    """Make a signing key: the PRIVATE file stays at home, the PUBLIC one goes into terminals."""
    with _told_faults():
        modulus = modulus_of(generate(private))
        public.write_text(modulus.hex() + "\n", "ascii")
    click.echo(f"key {fingerprint(modulus)}: {private} (mode 0600) and {public}")


@firmware.command()
@click.argument("source", type=_PATH)
@click.option("--board", required=True, help="unix, qemu, rp2, esp32 or stm32: what the terminals are.")
@click.option("--version", "version_text", required=True, metavar="N.N.N")
@click.option("--least-base", default="1.0.0", show_default=True, metavar="N.N.N", help="What may start it.")
@click.option("--counter", default=0, show_default=True, type=click.IntRange(0, images.COUNTER_MAX))
@_KEY
@_OUTPUT
def pack(  # noqa: PLR0917  (click passes each by name)
    source: Path, board: str, version_text: str, least_base: str, counter: int,
    key_file: Path | None, output: Path,
) -> None:  # fmt: skip
    """Make an image of SOURCE, a folder of bytecode or a file of any content; signed if there is a --key.

    Once a terminal has confirmed an image, it starts none with a lower --counter: raise it only where going
    back would be dangerous.
    """
    with _told_faults():
        label = images.Label(board, images.Version.of(version_text), images.Version.of(least_base), counter)
        image = images.pack(label, images.content_of(source))
        if key_file is not None:
            image = images.signed(image, read_private_key(key_file))
        output.write_bytes(image)
    click.echo(f"{output}: {board} {label.version}, {len(image):,} bytes, {_signed_or_not(key_file)}")


@firmware.command()
@click.argument("file", type=_FILE)
@click.option("--key", "key_file", type=_FILE, required=True, help="PEM of an RSA-2048 key, mode 0600.")
def sign(file: Path, key_file: Path) -> None:
    """Sign the image in FILE, in place."""
    with _told_faults():
        image = images.signed(file.read_bytes(), read_private_key(key_file))
        fresh = file.with_name(file.name + ".new")
        fresh.write_bytes(image)
        fresh.replace(file)
    click.echo(f"{file}: signed")


@firmware.command()
@click.argument("file", type=_FILE)
@_PUBLIC
def verify(file: Path, public_key: Path) -> None:
    """Check an image, or a parameter document, as a terminal would. Exit code 1 where it is refused."""
    with _told_faults():
        modulus = read_modulus(public_key)
        data = file.read_bytes()
        if data[:3] == b"VPD":
            is_good = documents.unpack(data).is_signed(modulus)
        else:
            image = images.unpack(data)
            if not image.is_whole:
                raise UpdateFault("the content is not that of the header")
            is_good = image.is_signed(modulus)
        if not is_good:
            raise UpdateFault(f"not signed by {fingerprint(modulus)}")
    click.echo(f"{file}: good, signed by {fingerprint(modulus)}")


@firmware.command()
@click.argument("file", type=_FILE)
@_JSON
def show(file: Path, *, as_json: bool) -> None:
    """Tell what an image, or a parameter document, says of itself; nothing of it is proved."""
    with _told_faults():
        data = file.read_bytes()
        told = _document(data) if data[:3] == b"VPD" else _image(data)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for name, value in told.items():
        click.echo(f"{name:12} {value}")


@firmware.command()
@click.argument("file", type=_FILE)
@click.option("--terminal", default=documents.EVERYONE, help="Only for this terminal.  [default: all]")
@click.option("--sequence", required=True, type=click.IntRange(1, documents.SEQUENCE_MAX))
@click.option("--key", "key_file", type=_FILE, required=True, help="PEM of an RSA-2048 key, mode 0600.")
@_OUTPUT
def parameters(file: Path, terminal: str, sequence: int, key_file: Path, output: Path) -> None:
    """Make a signed parameter document of FILE, a JSON object with the settings that change.

    A terminal takes no document whose --sequence is not above that of the one before.
    """
    with _told_faults():
        try:
            settings = json.loads(file.read_bytes())
        except ValueError:
            settings = None
        if not isinstance(settings, dict):
            raise UpdateFault(f"{file}: not a JSON object")
        output.write_bytes(documents.pack(settings, terminal, sequence, read_private_key(key_file)))
    click.echo(f"{output}: parameters {sequence} for {terminal or 'all'}, signed")


def _image(data: bytes) -> dict[str, object]:
    image = images.unpack(data)
    return {
        "board": image.label.board,
        "version": str(image.label.version),
        "least_base": str(image.label.least_base),
        "counter": image.label.counter,
        "bytes": len(image.content),
        "sha256": image.digest.hex(),
        "whole": image.is_whole,
        "signed": any(image.signature),
    }


def _document(data: bytes) -> dict[str, object]:
    document = documents.unpack(data)
    return {
        "terminal": document.terminal_id or "all",
        "sequence": document.sequence,
        "settings": document.settings,
    }


def _signed_or_not(key_file: Path | None) -> str:
    return "not signed yet" if key_file is None else "signed"


@contextmanager
def _told_faults() -> Iterator[None]:
    try:
        yield
    except UpdateFault as fault:
        raise click.ClickException(str(fault)) from None
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from None
