"""A purchase that is paid with points altogether."""

from terminal.transactions.steps import amount, card
from terminal.transactions.steps.send import send

STEPS = (amount.read, card.read, send)
TABLES = (amount.TABLE, card.TABLE)
