"""The order to cut over, as the switch's host gives it: sign on, 0800 with network code 201, sign off."""

from switch.rules.local_time import local_day
from tools.host_link.access import host_access
from tools.host_link.link import HostLink


def order_cut_over(day: int) -> None:
    """Open a business day on the switch of the environment's settings. Raises HostFault."""
    with HostLink(host_access()) as host:
        host.cut_over(f"{local_day(day).date:08d}"[4:])
