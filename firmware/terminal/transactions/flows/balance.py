"""What a card has."""

from terminal.transactions.steps import card
from terminal.transactions.steps.send import send

STEPS = (card.read, send)
TABLES = (card.TABLE,)
