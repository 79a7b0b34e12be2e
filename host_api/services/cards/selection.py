"""Cards as conditions over members."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, SQLColumnExpression, exists

from host_api.services.cards.models import Card


def has_card_of(member: SQLColumnExpression[int], card_types: Sequence[str]) -> ColumnElement[bool]:
    """Whether the member with this number has a card of one of these products."""
    return exists().where(Card.member_id == member, Card.card_type.in_(card_types)).correlate_except(Card)
