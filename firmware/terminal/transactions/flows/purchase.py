"""The counter's four steps: card and amount in any order, the card taken back, the receipt."""

from terminal.transactions.steps import amount, card
from terminal.transactions.steps.send import send

STEPS = (amount.read, card.read, send)
TABLES = (amount.TABLE, card.TABLE)
