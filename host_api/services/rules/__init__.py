"""Rules: the draft, its trials, frozen versions, publication by two persons, and what members read of
them."""
