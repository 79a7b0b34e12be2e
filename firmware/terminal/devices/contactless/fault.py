"""What goes wrong between the terminal and a contactless card."""

from terminal.devices.apdu_channel import ChannelFault


class ContactlessFault(ChannelFault):
    """`reason` is one word, safe to log and to show.

    silent: the reader does not answer.
    refused: it does not know the command.
    answer: what it answered makes no sense.
    gone: the card left the field, or its session is over.
    radio: the card is there and the exchange failed.
    long: a command or an answer is longer than a card may have.
    """
