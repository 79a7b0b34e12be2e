"""Operators' orders for links, terminals, keys and cards, which stand whatever a host's records say.

A host sends whole records, and knows nothing of an order: what it sends is kept, and under the order another
thing holds. When the order is taken back, what the host wants holds again.
"""

from collections.abc import Iterator

from switch.ledger.records import CardRecord, Status, TerminalRecord


class Orders:
    """The orders that stand.

    `closed_links` are names, `key_generations` the least ones by terminal. `closed_terminals` and
    `blocked_cards` (by token) have the status that would hold without the order.
    """

    def __init__(self) -> None:
        self.closed_links: set[str] = set()
        self.closed_terminals: dict[str, Status] = {}
        self.key_generations: dict[str, int] = {}
        self.blocked_cards: dict[bytes, Status] = {}

    def over_terminal(self, wanted: TerminalRecord) -> TerminalRecord:
        """A terminal's record under the orders, of what a host wants."""
        name = wanted.terminal_id
        generation = self.key_generations.get(name, 0)
        if generation > wanted.key_generation:
            wanted = wanted._replace(key_generation=generation)
        if name in self.closed_terminals:
            self.closed_terminals[name] = wanted.status
            wanted = wanted._replace(status=Status.BLOCKED)
        return wanted

    def over_card(self, token: bytes, wanted: CardRecord) -> CardRecord:
        """The same of a card's."""
        if token in self.blocked_cards:
            self.blocked_cards[token] = wanted.status
            wanted = wanted._replace(status=Status.BLOCKED)
        return wanted

    def digest_parts(self) -> Iterator[bytes]:
        """All of them in a fixed order and form, for hashing; nothing where there are none."""
        for link in sorted(self.closed_links):
            yield f"closed link {link!r};".encode()
        for name, status in sorted(self.closed_terminals.items()):
            yield f"closed terminal {name!r}={status!r};".encode()
        for name, generation in sorted(self.key_generations.items()):
            yield f"key of {name!r}={generation};".encode()
        for token, status in sorted(self.blocked_cards.items()):
            yield f"blocked card {token!r}={status!r};".encode()
