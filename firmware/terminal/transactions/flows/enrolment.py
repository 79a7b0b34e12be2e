"""A new member at the counter: a card of the stock and, where there is one, a phone number."""

from terminal.transactions.steps import card, number, phone
from terminal.transactions.steps.send import send

STEPS = (card.read, phone.read_if_any, send)
TABLES = (card.TABLE, number.TABLE)
