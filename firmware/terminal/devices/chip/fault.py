"""Why a chip was given up."""

from terminal.devices.apdu_channel import ChannelFault


class ChipFault(ChannelFault):
    """The chip has been powered off; `connect` may be tried again.

    silent: it did not answer in time.
    absent: there is none, or it was pulled out.
    atr: its answer to reset makes no sense.
    protocol: it speaks neither T=0 nor T=1.
    pps: it would not agree on a protocol.
    procedure: it broke the rules of T=0.
    block: it broke the rules of T=1.
    length: a command or an answer is longer or shorter than it may be.
    lost: T=1 was resynchronised. What became of the command is unknown, the chip is still there.
    """
