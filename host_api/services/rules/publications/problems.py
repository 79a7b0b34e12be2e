"""What can't be done with publications."""

from host_api.core.errors import Problem


class PublicationNotFound(Problem):
    """No publication has this id."""

    status = 404
    code = "rule-publication-not-found"
    title = "Publication not found"
    title_fa = "انتشار پیدا نشد"
    detail = "There is no publication with this id."
    detail_fa = "انتشاری با این شناسه وجود ندارد."


class VersionNotReady(Problem):
    """A version that has no table can't come into force."""

    status = 409
    code = "rule-version-not-ready"
    title = "Version is not ready"
    title_fa = "نسخه آماده نیست"
    detail = "This version has faults, or is still being compiled."
    detail_fa = "این نسخه ایراد دارد یا هنوز در حال ترجمه است."
    field = "version_id"


class VersionHasErrors(Problem):
    """Lints found errors, and nobody said that they don't matter."""

    status = 409
    code = "rule-version-has-errors"
    title = "Lints found errors"
    title_fa = "بازبینی خطا یافته است"
    detail = "Lints found errors in this version: mend them, or send despite_errors."
    detail_fa = "بازبینی در این نسخه خطا یافته است: اصلاح کنید یا despite_errors بفرستید."
    field = "version_id"


class InForceUnknown(Problem):
    """Nothing was read from the journal yet."""

    status = 409
    code = "rules-in-force-unknown"
    title = "Rules in force are not known"
    title_fa = "قواعد جاری شناخته نیست"
    detail = (
        "The journal feed has told of no rule table yet: GET /v1/status tells how it stands, and what an "
        "older version has read `vafa host-api rebuild` reads anew."
    )
    detail_fa = (
        "خوراک دفتر هنوز جدول قواعدی نگفته است: ‎GET /v1/status‎ وضعیت آن را می‌گوید، "
        "و آنچه نسخهٔ پیشین خوانده ‎vafa host-api rebuild‎ از نو می‌خواند."
    )


class AlreadyInForce(Problem):
    """This very table is in force."""

    status = 409
    code = "rules-already-in-force"
    title = "Already in force"
    title_fa = "هم‌اکنون جاری است"
    detail = "The table in force is this one."
    detail_fa = "جدول جاری همین است."


class TableUnknown(Problem):
    """The journal knows no table of this number."""

    status = 404
    code = "rule-table-not-found"
    title = "Rule table not found"
    title_fa = "جدول قواعد پیدا نشد"
    detail = "No rule table of this number was in force."
    detail_fa = "جدولی با این شماره جاری نبوده است."
    field = "table_version"


class PublishTimeWrong(Problem):
    """The time is none, or is over."""

    status = 409
    code = "rule-publish-time"
    title = "Time can't be used"
    title_fa = "زمان پذیرفتنی نیست"
    detail = "publish_at is no time that exists, is over, or is more than a year ahead."
    detail_fa = "publish_at زمانی نیست که وجود داشته باشد، یا گذشته است، یا بیش از یک سال دیگر است."
    field = "publish_at"


class OwnVersion(Problem):
    """Who froze the version is not the second person either."""

    status = 403
    code = "rule-version-own"
    title = "A second person must decide"
    title_fa = "نفر دوم باید تصمیم بگیرد"
    detail = "You froze the version of this publication; another person must approve it."
    detail_fa = "نسخهٔ این انتشار را خود شما بسته‌اید؛ کس دیگری باید تأیید کند."
