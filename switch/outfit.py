"""What a process is made of by its settings."""

from pathlib import Path

from switch.downloads.desk import FileDesk
from switch.downloads.library import Library
from switch.gate.link_plan import GateLimits
from switch.ledger.records import Role, Status, TerminalRecord
from switch.settings import SwitchSettings


class SetupFault(Exception):  # noqa: N818  (not an error in the program)
    """The process can't start as it is set up; the text is one line for the operator."""


def file_desk(directory: Path | None) -> FileDesk:
    """What answers terminals' questions for files. Raises SetupFault."""
    if directory is not None and not directory.is_dir():
        raise SetupFault(f"downloads directory {directory}: there is none")
    return FileDesk(None if directory is None else Library(directory))


def host_record(settings: SwitchSettings) -> TerminalRecord:
    """The host that may act before any record is there."""
    return TerminalRecord(
        terminal_id=settings.host_terminal_id,
        merchant_id="",
        branch_number=0,
        key_generation=settings.host_key_generation,
        role=Role.HOST,
        status=Status.ACTIVE,
    )


def gate_limits(settings: SwitchSettings) -> GateLimits:
    """Of all links together, and of each."""
    return GateLimits(
        connections_max=settings.connections_max,
        handshakes_max=settings.handshakes_max,
        handshake_timeout_s=settings.handshake_timeout_s,
        link=settings.link_limits(),
    )
