"""What can hinder sellers."""

from host_api.core.errors import Problem


class SellerNotFound(Problem):
    """No seller has this id."""

    status = 404
    code = "seller-not-found"
    title = "Seller not found"
    title_fa = "فروشنده پیدا نشد"
    detail = "There is no seller with this id."
    detail_fa = "فروشنده‌ای با این شناسه وجود ندارد."


class SellerExists(Problem):
    """The member or merchant has asked, or sells already."""

    status = 409
    code = "seller-exists"
    title = "A seller already"
    title_fa = "پیش‌تر فروشنده است"
    detail = "This member or merchant is a seller already, or has asked to be one."
    detail_fa = "این عضو یا پذیرنده هم‌اکنون فروشنده است یا درخواستش در جریان است."


class SellerNotActive(Problem):
    """The seller may begin nothing new."""

    status = 409
    code = "seller-not-active"
    title = "Seller not active"
    title_fa = "فروشنده فعال نیست"
    detail = "The club has not let this seller sell, or has suspended it."
    detail_fa = "باشگاه به این فروشنده اجازهٔ فروش نداده یا او را معلق کرده است."


class SellerLimitReached(Problem):
    """The seller would owe more than the club lets it."""

    status = 409
    code = "seller-limit-reached"
    title = "The seller's limit is reached"
    title_fa = "سقف اعتبار فروشنده پر شده است"
    detail = "What this would cost the seller goes beyond what it may owe the club."
    detail_fa = "هزینهٔ این کار از سقفی که فروشنده می‌تواند به باشگاه بدهکار باشد می‌گذرد."


class SellerMemberNotActive(Problem):
    """The member takes no part at present."""

    status = 409
    code = "seller-member-not-active"
    title = "Member not active"
    title_fa = "عضو فعال نیست"
    detail = "Only active members sell or buy."
    detail_fa = "تنها اعضای فعال می‌توانند بفروشند یا بخرند."


class SellerStatementPeriod(Problem):
    """The days are the wrong way round, or too many."""

    status = 422
    code = "seller-statement-period"
    title = "Period not accepted"
    title_fa = "دوره پذیرفته نیست"
    detail = "A statement is from a day to the same or a later one, 366 days at most."
    detail_fa = "صورت‌حساب از یک روز تا همان روز یا روزی پس از آن، حداکثر ۳۶۶ روز است."


class SellerSettlementNotFound(Problem):
    """No settlement has this id."""

    status = 404
    code = "seller-settlement-not-found"
    title = "Settlement not found"
    title_fa = "تسویه پیدا نشد"
    detail = "There is no settlement with this id."
    detail_fa = "تسویه‌ای با این شناسه وجود ندارد."


class SellerMovementNotFound(Problem):
    """No movement has this id."""

    status = 404
    code = "seller-movement-not-found"
    title = "Movement not found"
    title_fa = "جابه‌جایی پیدا نشد"
    detail = "There is no movement with this id."
    detail_fa = "جابه‌جایی‌ای با این شناسه وجود ندارد."


class SellerMovementNotFailed(Problem):
    """Only what the switch refused is asked for again."""

    status = 409
    code = "seller-movement-not-failed"
    title = "It has not failed"
    title_fa = "ناموفق نبوده است"
    detail = "Only points of a seller that the switch refused, or a return that it refused, are asked again."
    detail_fa = "تنها امتیاز یا برگشتی که سوئیچ نپذیرفته دوباره فرستاده می‌شود."
