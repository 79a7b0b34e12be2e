"""The command line `vafa`. Sub-commands are imported when they are asked for, so that each starts quickly."""

from importlib import import_module
from importlib.metadata import version

import click

_COMMANDS = {
    "up": "tools.commands.up:up",
    "switch": "tools.commands.switch:switch",
    "mqtt-bridge": "tools.commands.mqtt_bridge:mqtt_bridge",
    "host-api": "tools.commands.host_api:host_api",
    "journal": "tools.commands.journal:journal",
    "settlement": "tools.commands.settlement:settlement",
    "message": "tools.commands.message:message",
    "rules": "tools.commands.rules:rules",
    "card": "tools.commands.card:card",
    "firmware": "tools.commands.firmware:firmware",
    "terminal-files": "tools.commands.terminal_files:terminal_files",
    "bench": "tools.commands.bench:bench",
    "sim": "tools.commands.sim:sim",
}


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, attribute = _COMMANDS[cmd_name].split(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)  # noqa: S101  (the table above says so)
        return command


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("vafa"), prog_name="vafa")
def main() -> None:
    """Vafa: a card-loyalty payment system (terminal, switch, club)."""


if __name__ == "__main__":
    main()
