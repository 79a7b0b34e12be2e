"""A group of commands that are imported when they are asked for, so that each starts quickly."""

from importlib import import_module
from typing import NoReturn

import click

_FIRMWARE = "terminal"


class LazyGroup(click.Group):
    """`places` tells where each command is, as "tools.commands.up:up"."""

    def __init__(self, *arguments: object, places: dict[str, str], **options: object) -> None:
        super().__init__(*arguments, **options)  # type: ignore[arg-type]
        self._places = places

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of `places`."""
        return list(self._places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command; where it can't be imported without the firmware's sources, one that says so."""
        if cmd_name not in self._places:
            return None
        module, attribute = self._places[cmd_name].split(":")
        try:
            command = getattr(import_module(module), attribute)
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] != _FIRMWARE:
                raise
            return _without_firmware(cmd_name)
        assert isinstance(command, click.Command)  # noqa: S101  (the table says so)
        return command


def _without_firmware(name: str) -> click.Command:
    def tell() -> NoReturn:
        raise click.ClickException(
            "this needs the firmware's sources beside the package: pip install -e FOLDER, the project's own"
        )

    return click.Command(
        name,
        callback=tell,
        help="Not here: needs pip install -e, for the firmware's sources.",
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )
