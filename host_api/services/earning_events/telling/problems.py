"""Why an event is not taken, or can't be changed."""

from host_api.core.errors import Problem


class EventNotFound(Problem):
    """No event has this id."""

    status = 404
    code = "earning-event-not-found"
    title = "Event not found"
    title_fa = "رویداد پیدا نشد"
    detail = "There is no event with this id."
    detail_fa = "رویدادی با این شناسه وجود ندارد."


class EventsNotTaken(Problem):
    """The type is stopped."""

    status = 409
    code = "earning-events-not-taken"
    title = "No such events now"
    title_fa = "این رویداد اکنون پذیرفته نمی‌شود"
    detail = "Events of this type are not taken at present."
    detail_fa = "رویدادهای این نوع اکنون پذیرفته نمی‌شوند."
    field = "event"


class SourceNotAllowed(Problem):
    """The type isn't told this way, or not by this caller."""

    status = 409
    code = "earning-event-source"
    title = "Source not allowed"
    title_fa = "این منبع مجاز نیست"
    detail = "Events of this type are not taken from this source or this key."
    detail_fa = "رویدادهای این نوع از این منبع یا این کلید پذیرفته نمی‌شوند."
    field = "source"


class MemberMayNotEarn(Problem):
    """The member is blocked, or the record went into another."""

    status = 409
    code = "earning-event-member"
    title = "Member can't earn"
    title_fa = "این عضو امتیاز نمی‌گیرد"
    detail = "The member is blocked, or the record went into another."
    detail_fa = "عضو مسدود است یا رکورد او در دیگری ادغام شده است."
    field = "member_id"


class NotInAudience(Problem):
    """The event isn't for this member."""

    status = 409
    code = "earning-event-audience"
    title = "Not for this member"
    title_fa = "برای این عضو نیست"
    detail = "This is for other members."
    detail_fa = "این رویداد برای اعضای دیگری است."
    field = "member_id"


class OutsideWindow(Problem):
    """It was too long ago, or has not happened yet."""

    status = 409
    code = "earning-event-time"
    title = "Too late or too early"
    title_fa = "زمان رویداد پذیرفته نیست"
    detail = "The event happened too long ago, or has not happened yet."
    detail_fa = "زمان زیادی از رویداد گذشته یا هنوز رخ نداده است."
    field = "occurred_at"


class TooOften(Problem):
    """The member has had as many as the type allows."""

    status = 409
    code = "earning-event-too-often"
    title = "Too often"
    title_fa = "بیش از حد مجاز"
    detail = "The member has had as many of these events as count in this time."
    detail_fa = "تعداد این رویداد برای عضو در این مدت به سقف رسیده است."


class EventToldAlready(Problem):
    """The same event was told before."""

    status = 409
    code = "earning-event-told-already"
    title = "Told already"
    title_fa = "پیش‌تر ثبت شده است"
    detail = "This event has been told already."
    detail_fa = "این رویداد پیش‌تر ثبت شده است."
    field = "reference"


class EventNotWaiting(Problem):
    """Only what waits for a person can be decided."""

    status = 409
    code = "earning-event-not-waiting"
    title = "Already decided"
    title_fa = "پیش‌تر تصمیم گرفته شده است"
    detail = "This event doesn't wait for a decision."
    detail_fa = "این رویداد در انتظار تصمیم نیست."


class NothingToTakeBack(Problem):
    """The event earned nothing, or is being taken back."""

    status = 409
    code = "earning-event-nothing-to-take-back"
    title = "Nothing to take back"
    title_fa = "چیزی برای پس گرفتن نیست"
    detail = "This event has earned nothing, is doubtful until it is reconciled, or goes back already."
    detail_fa = "این رویداد چیزی نداده، تا مغایرت‌گیری نامعلوم است، یا در حال پس گرفتن است."


# What telling an event can be refused for.
REFUSALS = (
    EventsNotTaken,
    SourceNotAllowed,
    MemberMayNotEarn,
    NotInAudience,
    OutsideWindow,
    TooOften,
    EventToldAlready,
)
