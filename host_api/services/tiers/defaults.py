"""The tiers and the policy that a programme begins with."""

from typing import Final

from host_api.services.members.schemas import LOWEST_TIER
from host_api.services.tiers.models import Tier, TierPolicy
from host_api.services.tiers.schemas import Downgrade, Match, WindowKind

_TIERS: Final = (
    (LOWEST_TIER, "Initial", "اولیه", 0, "#cd7f32"),
    ("silver", "Silver", "نقره‌ای", 10, "#c0c0c0"),
    ("gold", "Gold", "طلایی", 20, "#d4af37"),
    ("platinum", "Platinum", "پلاتینیوم", 30, "#e5e4e2"),
    ("vip", "VIP", "بسیار مهم (VIP)", 100, "#7b1fa2"),
)

# A club gives them criteria: what a good customer buys differs from trade to trade.
DEFAULT_TIERS: Final[tuple[dict[str, object], ...]] = tuple(
    {
        "code": code,
        "title": title,
        "title_fa": title_fa,
        "rank": rank,
        "colour": colour,
        "match": Match.ALL.value,
        "criteria": [],
        "benefits": [],
        "version": 1,
    }
    for code, title, title_fa, rank, colour in _TIERS
)
DEFAULT_POLICY: Final[dict[str, object]] = {
    "window": WindowKind.YEAR.value,
    "rolling_days": 365,
    "downgrade": Downgrade.WINDOW_END.value,
    "grace_days": 0,
    "purse": "tier_points",
    "steps_alone": 1,
    "version": 1,
}


def default_tiers() -> list[Tier]:
    """The tiers, as rows of no session."""
    return [Tier(**values) for values in DEFAULT_TIERS]


def default_policy() -> TierPolicy:
    """The policy, as a row of no session."""
    return TierPolicy(**DEFAULT_POLICY)
