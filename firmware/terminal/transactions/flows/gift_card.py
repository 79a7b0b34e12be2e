"""A gift card is sold, with or without a first load, or loaded again."""

from terminal.transactions.steps import amount, card
from terminal.transactions.steps.send import send

STEPS = (card.read, amount.read, send)
TABLES = (card.TABLE, amount.TABLE)
