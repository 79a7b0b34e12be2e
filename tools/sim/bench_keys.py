"""Keys that the bench may have: those of test installations. What is marked `production` it refuses."""

from pathlib import Path

import click

from protocol.security.kcv import cmac_check_value
from protocol.security.key_text import KeyPurpose, read_key_text
from simulator.scripts import Profile

_FILE_MAX_BYTES = 4096


def bench_key(path: Path, production_allowed: bool) -> str:
    """The hexadecimal digits in a key file. Raises UsageError: unreadable, or a key of production."""
    try:
        with path.open("rb") as file:
            key, purpose = read_key_text(file.read(_FILE_MAX_BYTES).decode("ascii"))
    except (OSError, ValueError):
        raise click.UsageError(f"{path}: no key can be read from it") from None
    if purpose is KeyPurpose.PRODUCTION and not production_allowed:
        raise click.UsageError(
            f"{path}: this key is marked as one of production, and this is a bench: it sends wrong MACs, "
            "cuts messages and books sales that nobody made. Use test keys, or say --allow-production-keys"
        )
    return key.hex()


def banner(profile: Profile, production_allowed: bool) -> str:
    """One line that says that this is a bench, and with whose key; the check value tells keys apart."""
    key = profile.key_of(profile.terminal_id)
    value = "none" if key is None else cmac_check_value(key).hex().upper()
    whose = "PRODUCTION KEYS ALLOWED" if production_allowed else "for test installations only"
    return f"bench, {whose}: terminal {profile.terminal_id}, key check value {value}"
