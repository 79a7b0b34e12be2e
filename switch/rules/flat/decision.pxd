from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

cdef enum:
    TEXTS_MAX = 19
    NUMBERS_MAX = 17
    SETS_MAX = 2
    SET_WORDS = 4
    LINES_MAX = 64
    LABELS_MAX = 8
    METRICS_MAX = 16
    UPLINES_MAX = 10
    PURSES_MAX = 100
    FUNDERS_MAX = 8
    GRANTS_MAX = 250
    MOVES_MAX = 600

# What an evaluation came to.
cdef enum:
    DECIDED = 0
    REFUSED = 1
    NOT_MINE = 2  # the plain evaluator must decide


cdef struct FlatLine:
    uint32_t sku
    uint32_t category
    uint32_t labels[LABELS_MAX]
    int label_count
    int64_t quantity
    int64_t amount


cdef struct FlatSubject:
    uint64_t member
    uint64_t card
    uint64_t household
    uint64_t merchant
    uint64_t branch
    uint64_t terminal
    uint64_t operator


# See `switch.rules.facts.Facts`. The trigger is a purchase without reward; texts are numbers among `TEXTS`.
# 
# Only numbers of `known` are known. `tender_purse` 0: nothing is paid from a purse.
# 
cdef struct FlatFacts:
    uint64_t at_s
    uint32_t texts[TEXTS_MAX]
    int64_t numbers[NUMBERS_MAX]
    uint8_t known[NUMBERS_MAX]
    uint64_t sets[SETS_MAX][SET_WORDS]
    int64_t balances[PURSES_MAX]  # by purse code; 0 where there is none
    int metric_count
    uint32_t metric_names[METRICS_MAX]
    int64_t metric_values[METRICS_MAX]
    int line_count
    FlatLine lines[LINES_MAX]
    FlatSubject subject
    int upline_count
    uint64_t uplines[UPLINES_MAX]
    uint8_t has_pin
    int tender_purse
    int64_t tender_amount  # -1: not said
    int64_t tender_units  # -1: not said


cdef struct FlatFunding:
    int party
    uint64_t number
    int64_t amount


# See `switch.rules.outcome.Grant`; `rule` and `effect` are places in the evaluator's tables.
cdef struct FlatGrant:
    int rule
    int effect  # index of the effect within its rule
    int type
    int purse
    int party
    uint64_t number
    int64_t desired  # at most 2^63 - 1, as an entry keeps it
    int64_t granted
    int reason
    int64_t basis  # the same
    uint64_t lines
    uint64_t available_from_s
    uint64_t expires_at_s
    int funding_count
    FlatFunding funding[FUNDERS_MAX]


cdef struct FlatMove:
    uint32_t counter  # number among TEXTS
    uint64_t subject
    int64_t window
    uint32_t drop_day
    int64_t delta
    uint8_t restore
    uint8_t is_use


# See `switch.rules.outcome.Outcome`. All grants are in `grants`: discounts, costs, the tender if there is
# one, then earnings, as `authoriser.draft.grant_records` orders them. Moves are sorted as an entry has them.
cdef struct FlatOutcome:
    int refusal_rule  # place of the gate or burn rule that refused, -1 where none did
    char refusal_code[2]
    int64_t amount
    int64_t discount
    int64_t tendered
    int64_t net_amount
    int discount_count
    int cost_count
    int has_tender
    int grant_count  # all of them
    FlatGrant grants[GRANTS_MAX]
    int move_count
    FlatMove moves[MOVES_MAX]
    int text_rule  # place of the first rule that granted something and has a member text, -1 for none
