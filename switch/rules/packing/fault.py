"""The one fault of packed rule tables."""


class RuleTableFault(Exception):  # noqa: N818  (a fault is the field's word)
    """The bytes are no rule table that this software knows in full."""
