"""A presented card: one object, whatever read it."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Reading(Protocol):
        """What a reader's parser gives: the number and field 22; `data` where there is a track 2."""

        pan: str
        entry_mode: str


class PresentedCard:
    """A card at the counter.

    Args:
        number: the card's number, 1 to 19 digits; a phone number's digits stand for a card left at home.
        entry_mode: how it was read, as field 22 says it.
        track2: the characters between the sentinels, where there was a track 2; sent instead of the number.
        proof: tags of field 48 that prove the card genuine, as pairs of tag and content.
    """

    def __init__(
        self,
        number: str,
        entry_mode: str,
        track2: "str | None" = None,
        proof: "tuple[tuple[int, bytes], ...]" = (),
    ) -> None:
        self.number = number
        self.entry_mode = entry_mode
        self.track2 = track2
        self.proof = proof


def presented(reading: "Reading") -> PresentedCard:
    """The card that a stripe, code or tag tells of."""
    return PresentedCard(reading.pan, reading.entry_mode, getattr(reading, "data", None))
