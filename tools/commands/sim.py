"""`vafa sim`."""

import click

from tools.lazy_group import LazyGroup

_COMMANDS = {
    "switch": "tools.commands.sim_switch:switch_command",
    "certify": "tools.commands.sim_scripts:certify_command",
    "load": "tools.commands.sim_load:load_command",
    "proxy": "tools.commands.sim_proxy:proxy_command",
    "record": "tools.commands.sim_proxy:record_command",
    "cards": "tools.commands.sim_cards:cards_command",
    "run": "tools.commands.sim_scripts:run_command",
    "soak": "tools.commands.sim_soak:soak_command",
}


@click.group(cls=LazyGroup, places=_COMMANDS)
def sim() -> None:
    """The bench: a switch to try terminals against, scripts, certification, and simulated streets."""
