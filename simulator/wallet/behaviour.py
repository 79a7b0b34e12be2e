"""What a host may do with one request."""

from enum import StrEnum


class Behaviour(StrEnum):
    """What to do with one request."""

    ANSWER = "answer"
    SILENT = "silent"
    LATE = "late"
    WRONG_MAC = "wrong mac"
    TWICE = "twice"
    CUT_MID_FRAME = "cut mid frame"
    CUT = "cut"
    FOREIGN = "foreign"
