"""A card of the shop's stock given to a new member, whose name the club will ask for."""

from terminal.transactions.steps import card
from terminal.transactions.steps.send import send

STEPS = (card.read, send)
TABLES = (card.TABLE,)
