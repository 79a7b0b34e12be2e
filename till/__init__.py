"""What a till's program imports to earn and spend points: `Till` sells, and reverses what got no answer."""

from till.faults import TillFault
from till.sale import Outcome, Sale
from till.till import Till

__all__ = ["Outcome", "Sale", "Till", "TillFault"]
