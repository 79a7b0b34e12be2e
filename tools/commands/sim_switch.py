"""`vafa sim switch`."""

import signal
from pathlib import Path
from types import FrameType

import click

from simulator.scripts import Profile
from simulator.virtual_switch import SwitchFailed, VirtualSwitch
from simulator.wallet import WalletFault

_PORT = click.IntRange(0, 65535)


@click.command("switch")
@click.option(
    "--port", type=_PORT, default=7583, show_default=True, help="For terminals; 0 takes a free one."
)
@click.option(
    "--card", "card_name", default="everyday", show_default=True, help="The wallet's card in the profile."
)
@click.option(
    "--profile", "profile_file", type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Write who a terminal is to this switch: its id, its key, a card. For `vafa sim run` and `certify`.",
)  # fmt: skip
@click.option(
    "--directory", type=click.Path(path_type=Path, file_okay=False),
    help="Where journal and log are kept.  [default: nothing is kept]",
)  # fmt: skip
def switch_command(port: int, card_name: str, profile_file: Path | None, directory: Path | None) -> None:
    """Run a switch to try terminals against, with a shop and test cards, until Ctrl-C.

    It is the real switch under a key that everybody knows, on this machine's own address.
    """
    signal.signal(signal.SIGTERM, _end)
    try:
        with VirtualSwitch(directory, terminals_port=port) as switch:
            profile = switch.profile(card_name)
            if profile_file is not None:
                profile_file.write_text(_written(profile), "utf-8")
            click.echo(f"terminals connect to {switch.target}")
            click.echo(f"terminal {profile.terminal_id}, merchant {profile.merchant_id}, card {card_name}")
            click.echo(f"who they are: {profile_file}" if profile_file else "--profile FILE writes their key")
            # Without a bound: somebody may try things all day.
            code = switch.process.wait() if switch.process is not None else None
            raise click.ClickException(f"the switch ended with code {code}")
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
    except SwitchFailed as fault:
        # The last line of its log is the reason.
        told = str(fault).splitlines()[-1]
        hint = "; --port 0 takes a free one" if "in use" in told else ""
        raise click.ClickException(f"{told}{hint}") from None
    except WalletFault as fault:
        raise click.ClickException(str(fault)) from None
    except OSError as error:
        raise click.ClickException(f"{error.filename or 'system'}: {error.strerror}") from None


def _end(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _written(profile: Profile) -> str:
    key = profile.key_of(profile.terminal_id) or b""
    return (
        "# Of a switch on the bench: these keys are worth nothing.\n"
        f'terminal_id = "{profile.terminal_id}"\n'
        f'merchant_id = "{profile.merchant_id}"\n\n'
        f'[keys]\n{profile.terminal_id} = "{key.hex()}"\n\n'
        f'[variables]\ncard = "{profile.variables["card"]}"\n'
    )
