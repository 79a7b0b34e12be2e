"""What can stand against an auction or a bid."""

from host_api.core.errors import Problem


class AuctionNotFound(Problem):
    """No auction has this id."""

    status = 404
    code = "shop-auction-not-found"
    title = "Auction not found"
    title_fa = "مزایده پیدا نشد"
    detail = "There is no auction with this id."
    detail_fa = "مزایده‌ای با این شناسه وجود ندارد."


class BidNotFound(Problem):
    """No bid has this id."""

    status = 404
    code = "shop-bid-not-found"
    title = "Bid not found"
    title_fa = "پیشنهاد پیدا نشد"
    detail = "There is no bid with this id."
    detail_fa = "پیشنهادی با این شناسه وجود ندارد."


class NotForAuction(Problem):
    """The item is of a kind that isn't counted in pieces."""

    status = 409
    code = "shop-item-not-for-auction"
    title = "Not for auctions"
    title_fa = "مزایده‌پذیر نیست"
    detail = "Codes and reservations can't be auctioned."
    detail_fa = "کد و رزرو را نمی‌توان به مزایده گذاشت."
    field = "item_id"


class AuctionTimesDisagree(Problem):
    """It would end before it begins, or is over already."""

    status = 422
    code = "shop-auction-times"
    title = "Times of the auction disagree"
    title_fa = "زمان‌های مزایده ناسازگارند"
    detail = "An auction ends after it begins, and later than now."
    detail_fa = "پایان مزایده پس از آغاز آن و پس از اکنون است."
    field = "ends_at"


class AuctionNotOpen(Problem):
    """Nobody can bid now."""

    status = 409
    code = "shop-auction-not-open"
    title = "Auction not open"
    title_fa = "مزایده باز نیست"
    detail = "This auction has not begun, or is over."
    detail_fa = "این مزایده آغاز نشده یا پایان یافته است."


class AuctionEnded(Problem):
    """It is settled or cancelled already."""

    status = 409
    code = "shop-auction-ended"
    title = "Auction ended"
    title_fa = "مزایده پایان یافته است"
    detail = "This auction is settled or cancelled already."
    detail_fa = "این مزایده پیش‌تر تسویه یا لغو شده است."


class NotAdmittedToBid(Problem):
    """The member isn't active, or not of the item's audience."""

    status = 409
    code = "shop-auction-not-for-member"
    title = "Not for this member"
    title_fa = "برای این عضو نیست"
    detail = "The member is not active, or the item is for others."
    detail_fa = "عضو فعال نیست یا این قلم برای دیگران است."


class BidTooLow(Problem):
    """It isn't above the highest bid by the auction's step."""

    status = 409
    code = "shop-bid-too-low"
    title = "Bid too low"
    title_fa = "پیشنهاد پایین است"
    detail = "A bid is at least the first price, and above the highest bid by the auction's step."
    detail_fa = "پیشنهاد دست‌کم بهای آغاز و به اندازهٔ گام مزایده بالاتر از بیشترین پیشنهاد است."
    field = "units"


class BidUndecided(Problem):
    """The switch still decides another bid of this member."""

    status = 409
    code = "shop-bid-undecided"
    title = "Another bid is being decided"
    title_fa = "پیشنهاد دیگری در راه است"
    detail = "An earlier bid of this member is not decided yet; wait for it."
    detail_fa = "پیشنهاد پیشین این عضو هنوز تعیین تکلیف نشده است؛ منتظر بمانید."


class BidNotUnreturned(Problem):
    """Its points are not waiting to be given back once more."""

    status = 409
    code = "shop-bid-not-unreturned"
    title = "Nothing to give back again"
    title_fa = "چیزی برای برگرداندن دوباره نیست"
    detail = "Only a bid that the switch refused to give back can be given back again."
    detail_fa = "تنها پیشنهادی که سوئیچ برگشتش را نپذیرفته دوباره برگردانده می‌شود."
