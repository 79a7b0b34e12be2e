"""The last step of most flows: the request leaves."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.transactions.flow import Flow


def send(flow: "Flow") -> bool:
    """Send what was collected."""
    flow.submit()
    return True
