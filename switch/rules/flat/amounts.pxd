from libc.stdint cimport int64_t

from switch.rules.flat.image cimport FlatBand, FlatEffect, FlatPurse
from switch.rules.flat.run cimport VALUE_MAX, int128

# Stands for an amount that is too large to be computed with.
cdef enum:
    TOO_MUCH = -1

# Values of `CalcMode` and `Rounding`; the implementation checks them.
cdef enum:
    MODE_FIXED = 1
    MODE_RATE = 2
    MODE_BANDED = 3
    MODE_MULTIPLIER = 4
    FLOOR = 1
    HALF_UP = 2
    CEIL = 3


cdef inline int64_t divided(int64_t factor, int64_t give, int64_t per, int rounding) noexcept nogil:
    """factor * give / per, rounded once; nothing here is negative."""
    cdef int128 product = <int128> factor * give
    cdef int128 found
    if rounding == CEIL:
        product += per - 1
    elif rounding == HALF_UP:
        product = 2 * product + per
        per *= 2
    # A division of 64 bits takes a fraction of one of 128.
    if product >> 63 == 0:
        found = <int64_t> product // per
    else:
        found = product // per
    return <int64_t> found if found <= VALUE_MAX else TOO_MUCH


cdef inline int64_t within(int64_t amount, FlatEffect* effect) noexcept nogil:
    """Nothing below the minimum (0: none), and no more than the maximum (0: none)."""
    if amount == TOO_MUCH:
        return effect.maximum if effect.maximum else TOO_MUCH
    if amount < effect.minimum:
        return 0
    return effect.maximum if 0 < effect.maximum < amount else amount


cdef inline int64_t amount_of(FlatEffect* effect, FlatBand* bands, int64_t basis) noexcept nogil:
    """What an effect comes to for a basis above 0; see `switch.rules.evaluator.amounts`."""
    cdef FlatBand* band = bands + effect.bands.first
    cdef int64_t amount = 0
    cdef int place
    if effect.mode == MODE_FIXED:
        amount = effect.give
    elif effect.mode == MODE_RATE:
        amount = divided(basis, effect.give, effect.per, effect.rounding)
    elif effect.mode == MODE_MULTIPLIER:
        if effect.give > effect.per:
            amount = divided(basis, effect.give - effect.per, effect.per, effect.rounding)
    else:
        for place in range(effect.bands.count):
            if band.from_basis <= basis:
                amount = band.give
                if band.per:
                    amount = divided(basis, band.give, band.per, effect.rounding)
                break
            band += 1
    return within(amount, effect)


cdef inline int64_t level_amount(FlatEffect* effect, FlatBand* level, int64_t basis) noexcept nogil:
    """What an introducer gets for a basis above 0."""
    if level.per == 0:
        return within(level.give, effect)
    return within(divided(basis, level.give, level.per, effect.rounding), effect)


cdef inline int64_t value_of(FlatPurse* purse, int64_t amount) noexcept nogil:
    """Rial that an amount in a purse is worth, rounded up; without a purse the amount itself."""
    return amount if purse == NULL else divided(amount, purse.value_give, purse.value_per, CEIL)
