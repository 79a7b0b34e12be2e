"""What can stand against scoring."""

from host_api.core.errors import Problem


class ModelNotFound(Problem):
    """No model has this id."""

    status = 404
    code = "scoring-model-not-found"
    title = "Scoring model not found"
    title_fa = "مدل امتیازدهی پیدا نشد"
    detail = "There is no scoring model with this id."
    detail_fa = "مدل امتیازدهی با این شناسه وجود ندارد."


class RunNotFound(Problem):
    """No run has this id."""

    status = 404
    code = "scoring-run-not-found"
    title = "Run not found"
    title_fa = "اجرا پیدا نشد"
    detail = "There is no run with this id."
    detail_fa = "اجرایی با این شناسه وجود ندارد."


class MemberNotScored(Problem):
    """The run has no score of this member."""

    status = 404
    code = "scoring-member-not-scored"
    title = "Member not scored"
    title_fa = "عضو امتیاز ندارد"
    detail = "This run has no score of this member, or has been cleared away."
    detail_fa = "این اجرا امتیازی از این عضو ندارد یا پاک شده است."


class RunUnderWay(Problem):
    """Another run of the model isn't over."""

    status = 409
    code = "scoring-run-under-way"
    title = "A run is under way"
    title_fa = "اجرایی در جریان است"
    detail = "A run of this model is being scored, waits for publication or is being published; end it first."
    detail_fa = "اجرایی از این مدل در حال سنجش، منتظر اعلام یا در حال اعلام است؛ نخست آن را پایان دهید."


class RunInOtherState(Problem):
    """The run isn't in the state that this needs."""

    status = 409
    code = "scoring-run-state"
    title = "Not in this state"
    title_fa = "در این وضعیت نمی‌شود"
    detail = "A run is published once it is scored, and dropped before it is published."
    detail_fa = "هر اجرا پس از سنجش اعلام و پیش از اعلام کنار گذاشته می‌شود."


class AwardCapExceeded(Problem):
    """All awards together are more than the model allows."""

    status = 409
    code = "scoring-award-cap"
    title = "Awards exceed the cap"
    title_fa = "جمع پاداش‌ها بیش از سقف است"
    detail = "This run would award more than the model's award_cap; drop it, change the model and score anew."
    detail_fa = "پاداش‌های این اجرا بیش از سقف مدل است؛ آن را کنار بگذارید، مدل را تغییر دهید و دوباره بسنجید."


class BandGroupUnfit(Problem):
    """A band's group is missing, or not static."""

    status = 409
    code = "scoring-band-group"
    title = "Group not fit for a band"
    title_fa = "گروه برای این رده مناسب نیست"
    detail = "The group of a band is a static group in force."
    detail_fa = "گروه هر رده باید گروهی ایستا و برقرار باشد."
    field = "bands"
