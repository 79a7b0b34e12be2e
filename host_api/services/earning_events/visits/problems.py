"""Why nobody checks in."""

from host_api.core.errors import Problem


class VisitPointNotFound(Problem):
    """Nobody checks in there."""

    status = 404
    code = "visit-point-not-found"
    title = "No check-in there"
    title_fa = "ثبت بازدید در آن‌جا نیست"
    detail = "Members can't check in at this branch, or not with this code."
    detail_fa = "ثبت بازدید در این شعبه یا با این کد ممکن نیست."


class VisitPointExists(Problem):
    """One of each branch."""

    status = 409
    code = "visit-point-exists"
    title = "There already"
    title_fa = "از پیش هست"
    detail = "Members can check in at this branch already."
    detail_fa = "ثبت بازدید در این شعبه از پیش هست."
    field = "branch_id"


class BranchHasNoLocation(Problem):
    """A position is compared with the branch's."""

    status = 409
    code = "visit-no-location"
    title = "Branch without location"
    title_fa = "موقعیت شعبه ثبت نشده است"
    detail = "Members check in by position only where the branch has a location."
    detail_fa = "ثبت بازدید با موقعیت تنها برای شعبه‌ای است که موقعیتش ثبت شده باشد."


class TooFarAway(Problem):
    """The member isn't there."""

    status = 409
    code = "visit-too-far"
    title = "Too far away"
    title_fa = "دور از شعبه"
    detail = "The member is farther from the branch than its radius."
    detail_fa = "عضو دورتر از شعاع شعبه است."
    field = "position"


class VisitedAlready(Problem):
    """The member has checked in a short while ago."""

    status = 409
    code = "visited-already"
    title = "Checked in already"
    title_fa = "بازدید ثبت شده است"
    detail = "The member has checked in here a short while ago."
    detail_fa = "بازدید عضو در این شعبه به‌تازگی ثبت شده است."
