"""What can happen to the flow. Plain numbers: cheap on a small heap; up to MISREAD it is what people do."""

DIGIT = 1
ENTER = 2
CLEAR = 3
CANCEL = 4
KIND = 5
CARD_IN = 6
CARD_OUT = 7
CARD = 8
MISREAD = 9
ONLINE = 10
OFFLINE = 11
ANSWER = 12
NO_ANSWER = 13
PRINTED = 14
PRINT_FAILED = 15
# What it carries where the heap had no room for the slip; else nothing.
NOT_BEGUN = 1
TORN = 2
TIMEOUT = 16
START = 17
CASE_OPEN = 18  # never reaches the flow
