from libc.stdint cimport int64_t, uint8_t, uint64_t

from switch.rules.flat.decision cimport NUMBERS_MAX, FlatFacts

cdef extern from *:
    ctypedef long long int128 "__int128"

# NumberDimension, as far as the evaluator itself knows the number.
cdef enum:
    AMOUNT = 0
    NET_AMOUNT = 1
    POINTS_PAID = 2
    LINE_COUNT = 3
    ITEM_QUANTITY = 4
    FIRST_OF_DAY = 9
    MINUTE = 11

cdef extern from *:
    """
    #define VAFA_VALUE_MAX (1LL << 53)
    #define VAFA_COUNTER_MAX (1LL << 61)
    """
    # Greatest amount, quantity, rate or desired units that is computed with; sums of a thousand of them fit.
    const int64_t VALUE_MAX "VAFA_VALUE_MAX"
    # Greatest counter value or limit; what one decision adds still fits.
    const int64_t COUNTER_MAX "VAFA_COUNTER_MAX"


# One evaluation under way; see `switch.rules.evaluator.run.Run`.
cdef struct FlatRun:
    FlatFacts* facts
    int64_t amount
    int64_t numbers[NUMBERS_MAX]
    uint8_t known[NUMBERS_MAX]
    uint64_t all_lines  # bits of the basket's lines
    bint is_not_mine  # something is too large, or not done here
