"""What the switch counts since it started."""

from dataclasses import asdict, dataclass


@dataclass(slots=True)
class Counters:
    """Plain numbers, changed only in the event loop's thread."""

    approved: int = 0
    declined: int = 0
    inquiries: int = 0
    reversals: int = 0
    file_actions: int = 0
    sign_ons: int = 0
    echoes: int = 0
    duplicates: int = 0
    duplicate_conflicts: int = 0
    mac_failures: int = 0
    unknown_terminals: int = 0
    format_faults: int = 0
    not_signed_on: int = 0
    malfunctions: int = 0
    links_opened: int = 0
    links_refused: int = 0
    links_timed_out: int = 0
    batches: int = 0
    commits: int = 0
    commit_us_total: int = 0
    entries: int = 0

    def as_dict(self) -> dict[str, int]:
        """Name and number of each counter."""
        return asdict(self)
