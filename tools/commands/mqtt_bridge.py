"""`vafa mqtt-bridge`."""

import sys
from importlib.util import find_spec

import click

from switch.mqtt_bridge.settings import BridgeSettings
from tools.commands.settings_help import settings_help


@click.command(epilog=settings_help(BridgeSettings))
def mqtt_bridge() -> None:
    """Carry terminals' messages between an MQTT broker and the switch, until Ctrl-C or SIGTERM.

    It prints one line of JSON when the broker has taken it on, and logs to standard error.
    """
    if find_spec("aiomqtt") is None:
        raise click.ClickException("wants aiomqtt: pip install 'vafa[mqtt]'")
    from switch.mqtt_bridge.main import main  # noqa: PLC0415  (aiomqtt is an extra)

    sys.exit(main())
