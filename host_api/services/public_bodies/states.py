"""What public bodies are, as what they take part, and where that stands."""

from enum import StrEnum


class PublicBodyKind(StrEnum):
    """What a body is; only a BANK provides credit."""

    ASSOCIATION = "association"
    GUILD = "guild"
    UNION = "union"
    MUNICIPALITY = "municipality"
    BANK = "bank"


class BodyParticipationRole(StrEnum):
    """As what a body takes part; a CREDIT_PROVIDER has a limit in rials."""

    PROMOTER = "promoter"
    GUARANTOR = "guarantor"
    FUNDER = "funder"
    CREDIT_PROVIDER = "credit_provider"


class BodyParticipationState(StrEnum):
    """ASKED waits for a second person; an ACTIVE one is in force on its days, and ENDED never again."""

    ASKED = "asked"
    ACTIVE = "active"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    ENDED = "ended"


class BodyBenefitKind(StrEnum):
    """What a benefit names: a group of members, an offer, or a rule of the draft."""

    GROUP = "group"
    OFFER = "offer"
    RULE = "rule"


class BodyCreditLineKind(StrEnum):
    """DRAWN is credit taken from a bank, REPAID what went back to it."""

    DRAWN = "drawn"
    REPAID = "repaid"
