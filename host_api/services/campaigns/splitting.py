"""Who is in the control group, and who gets which variant: always the same answer."""

import hashlib
from collections.abc import Sequence
from typing import Final

from host_api.services.campaigns.journey import CONTROL

_BASIS: Final = 10_000
_PERCENT: Final = 100


def arm_of(
    campaign_id: int, member_id: int, *, control_percent: int, variants: Sequence[tuple[str, int]]
) -> str:
    """The arm of a member: `control`, or a variant by weight.

    SHA-256 over campaign and member number: its first half decides about the control group, the second about
    the variant, so that neither tells of the other, nor one campaign of another.

    Parameters:
        variants: code and weight of each; at least one.
    """
    digest = hashlib.sha256(f"campaign {campaign_id} member {member_id}".encode("ascii")).digest()
    if int.from_bytes(digest[:16], "big") % _BASIS < control_percent * _BASIS // _PERCENT:
        return CONTROL
    place = int.from_bytes(digest[16:], "big") % sum(weight for _, weight in variants)
    for code, weight in variants:
        if place < weight:
            return code
        place -= weight
    raise ValueError("a campaign has a variant")
