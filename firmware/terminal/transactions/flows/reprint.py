"""The last receipt again, marked as a copy."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.transactions.flow import Flow


def _reprint(flow: "Flow") -> bool:
    if flow.print_owed():
        return True
    last = flow.last_outcome()
    if last:
        flow.print_copy(last)
    else:
        flow.notice("no_last")
    return True


STEPS = (_reprint,)
TABLES: "tuple[dict[tuple[str, int], object], ...]" = ()
