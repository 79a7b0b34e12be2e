"""Section of the operators' orders that stand."""

from switch.ledger.record_columns import TOKEN_BYTES
from switch.ledger.records import Status
from switch.ledger.state import State
from switch.snapshot.columns import ColumnFault, ColumnReader, ColumnWriter


def dump_orders(state: State, out: ColumnWriter) -> None:
    """Closed links, closed terminals, key generations and blocked cards."""
    orders = state.orders
    links = sorted(orders.closed_links)
    out.number(len(links))
    out.texts(links)
    terminals = sorted(orders.closed_terminals)
    out.number(len(terminals))
    out.texts(terminals)
    out.numbers([ord(orders.closed_terminals[name]) for name in terminals])
    keys = sorted(orders.key_generations)
    out.number(len(keys))
    out.texts(keys)
    out.numbers([orders.key_generations[name] for name in keys])
    tokens = sorted(orders.blocked_cards)
    out.number(len(tokens))
    out.raw(b"".join(tokens))
    out.numbers([ord(orders.blocked_cards[token]) for token in tokens])


def load_orders(state: State, columns: ColumnReader) -> None:
    """What `dump_orders` wrote, into a state without orders."""
    orders = state.orders
    links = columns.count()
    orders.closed_links.update(columns.texts(links))
    terminals = columns.count()
    names = columns.texts(terminals)
    orders.closed_terminals.update(zip(names, _statuses(columns, terminals), strict=True))
    keys = columns.count()
    names = columns.texts(keys)
    orders.key_generations.update(zip(names, columns.numbers(keys), strict=True))
    cards = columns.count()
    tokens = bytes(columns.raw(cards * TOKEN_BYTES))
    places = range(0, len(tokens), TOKEN_BYTES)
    statuses = _statuses(columns, cards)
    orders.blocked_cards.update(
        (tokens[place : place + TOKEN_BYTES], status) for place, status in zip(places, statuses, strict=True)
    )
    found = (orders.closed_links, orders.closed_terminals, orders.key_generations, orders.blocked_cards)
    if [len(part) for part in found] != [links, terminals, keys, cards]:
        raise ColumnFault("an order is there twice")


def _statuses(columns: ColumnReader, count: int) -> list[Status]:
    return [Status(chr(number)) for number in columns.numbers(count)]
