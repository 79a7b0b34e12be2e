"""What every reader of cards with a processor offers, whichever way its commands travel."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class ApduChannel(Protocol):
        """A card that takes APDUs."""

        async def exchange(self, apdu: bytes | bytearray | memoryview) -> bytes:
            """Send a command APDU; returns the response APDU, its status word included.

            Raises:
                ChannelFault: the card did not answer; whether it has carried the command out is not known.
                OSError: the reader went away.
            """


class ChannelFault(Exception):  # noqa: N818  (a fault is the field's word)
    """A card can't be reached any more. `reason` is one word of the reader's own, safe to log and to show."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
