"""What can be wrong with campaigns."""

from host_api.core.errors import Problem


class CampaignNotFound(Problem):
    """No campaign has this id."""

    status = 404
    code = "campaign-not-found"
    title = "Campaign not found"
    title_fa = "کمپین پیدا نشد"
    detail = "There is no campaign with this id."
    detail_fa = "کمپینی با این شناسه وجود ندارد."


class CampaignInOtherState(Problem):
    """The campaign's state doesn't lead there."""

    status = 409
    code = "campaign-in-other-state"
    title = "Not in this state"
    title_fa = "در این وضعیت شدنی نیست"
    detail = "A draft is started once; a running one is paused, a paused or suspended one resumed."
    detail_fa = "پیش‌نویس یک بار آغاز می‌شود؛ در جریان متوقف می‌شود و متوقف یا معلق ادامه می‌یابد."


class CampaignStarted(Problem):
    """What members go through stays as it was started."""

    status = 409
    code = "campaign-started"
    title = "Started already"
    title_fa = "آغاز شده است"
    detail = "Audience, trigger, journey, control group and measuring stay as they were started."
    detail_fa = "مخاطب، آغازگر، مسیر، گروه کنترل و سنجش پس از آغاز همان می‌ماند."


class CampaignIncomplete(Problem):
    """What the journey refers to isn't there."""

    status = 409
    code = "campaign-incomplete"
    title = "Journey incomplete"
    title_fa = "مسیر کامل نیست"
    detail = "An offer of the journey does not exist, or its budget is of another purse than its points."
    detail_fa = "پیشنهادی از مسیر وجود ندارد، یا بودجه از کیفی جز کیف امتیازهاست."
