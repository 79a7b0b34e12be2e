"""Why a card was not accepted."""


class CardFault(Exception):  # noqa: N818  (a fault is the field's word)
    """`reason` is one word, safe to log and to show.

    no_answer: the card went away, or never answered; nothing was changed on it.
    no_application: it is none of our cards.
    unknown_version: it is newer than this terminal.
    bad_record: what it holds makes no sense.
    other_zone: this terminal has no key for it.
    not_genuine: it does not have the key that it should have.
    terminal_refused: it did not accept this terminal.
    blocked: it accepts no terminal any more; too many were refused.
    refused: it refused a command.
    bad_balance: its offline balance is not signed as it should be; the switch must be asked.
    uncertain: it went away while its balance was being written. When it is back, its counter tells.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
