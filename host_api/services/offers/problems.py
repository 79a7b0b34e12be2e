"""What can be wrong with offers."""

from host_api.core.errors import Problem


class OfferNotFound(Problem):
    """No offer has this id."""

    status = 404
    code = "offer-not-found"
    title = "Offer not found"
    title_fa = "پیشنهاد پیدا نشد"
    detail = "There is no offer with this id."
    detail_fa = "پیشنهادی با این شناسه وجود ندارد."


class OfferNotDrawn(Problem):
    """The offer isn't given out by a draw."""

    status = 404
    code = "offer-not-drawn"
    title = "Offer without a draw"
    title_fa = "پیشنهاد قرعه‌کشی ندارد"
    detail = "The offer is not given out by a draw, or is not published yet."
    detail_fa = "این پیشنهاد با قرعه بخش نمی‌شود یا هنوز منتشر نشده است."


class OfferInOtherState(Problem):
    """The offer's state doesn't lead there."""

    status = 409
    code = "offer-in-other-state"
    title = "Not in this state"
    title_fa = "در این وضعیت شدنی نیست"
    detail = "A draft or a paused offer can be published, an open one paused; one that has ended stays so."
    detail_fa = "پیش‌نویس یا پیشنهاد متوقف منتشر می‌شود و پیشنهاد باز متوقف؛ پایان‌یافته بازنمی‌گردد."


class OfferIncomplete(Problem):
    """What the offer refers to isn't there."""

    status = 409
    code = "offer-incomplete"
    title = "Offer incomplete"
    title_fa = "پیشنهاد کامل نیست"
    detail = "The group that the offer refers to does not exist or is not a static one."
    detail_fa = "گروهی که پیشنهاد نام می‌برد وجود ندارد یا ایستا نیست."


class OfferNotOpen(Problem):
    """Not published, or not one of its days."""

    status = 409
    code = "offer-not-open"
    title = "Offer not open"
    title_fa = "پیشنهاد باز نیست"
    detail = "The offer is not published, or does not hold today."
    detail_fa = "پیشنهاد منتشر نشده یا امروز برقرار نیست."


class OfferGone(Problem):
    """All are taken."""

    status = 409
    code = "offer-gone"
    title = "All taken"
    title_fa = "تمام شد"
    detail = "As many as there were have been taken."
    detail_fa = "همهٔ موجودی این پیشنهاد گرفته شده است."


class OfferNotForMember(Problem):
    """The member was not chosen, or is blocked."""

    status = 409
    code = "offer-not-for-member"
    title = "Not for this member"
    title_fa = "برای این عضو نیست"
    detail = "The member does not belong to the audience, was not chosen, or is blocked."
    detail_fa = "این عضو از مخاطبان نیست، برگزیده نشده یا مسدود است."


class OfferClaimedAlready(Problem):
    """As often as a member may."""

    status = 409
    code = "offer-claimed-already"
    title = "Claimed already"
    title_fa = "پیش‌تر گرفته شده است"
    detail = "The member has claimed it as often as one may, or has not used the last one yet."
    detail_fa = "عضو به اندازهٔ مجاز گرفته، یا آخرین را هنوز به کار نبرده است."


class OfferNotClaimed(Problem):
    """There is nothing to use."""

    status = 409
    code = "offer-not-claimed"
    title = "Not claimed"
    title_fa = "گرفته نشده است"
    detail = "The member holds no claimed offer that could be used; it may have run out."
    detail_fa = "این عضو پیشنهادی برای به کار بردن ندارد؛ شاید زمانش گذشته است."


class OfferElsewhere(Problem):
    """It doesn't hold in this shop."""

    status = 409
    code = "offer-elsewhere"
    title = "Not in this shop"
    title_fa = "در این فروشگاه نیست"
    detail = "The offer holds at other merchants or branches."
    detail_fa = "این پیشنهاد در پذیرنده یا شعبهٔ دیگری برقرار است."
    field = "merchant_id"
