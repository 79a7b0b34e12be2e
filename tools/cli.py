"""The command line `vafa`."""

import gc
from importlib.metadata import version

import click

from tools.lazy_group import LazyGroup

# What a command loads stays: looking at it every 700 objects takes as long as half of loading it.
gc.set_threshold(50_000)

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
    "keys": "tools.commands.keys:keys",
    "bench": "tools.commands.bench:bench",
    "sim": "tools.commands.sim:sim",
    "terminal": "tools.commands.terminal:terminal",
}


@click.group(cls=LazyGroup, places=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("vafa"), prog_name="vafa")
def main() -> None:
    """Vafa: a card-loyalty payment system (terminal, switch, club)."""


if __name__ == "__main__":
    main()
