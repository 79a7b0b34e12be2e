"""Who may do what with the library, the courses and what members get of them."""

from host_api.core.access.permissions import Action, Module

LIBRARY = Module("library", "Library and analyses", "کتابخانه و تحلیل‌ها")
READ_LIBRARY = LIBRARY.may(Action.READ)
WRITE_LIBRARY = LIBRARY.may(Action.WRITE)
ACT_LIBRARY = LIBRARY.may(Action.ACT)

COURSES = Module("courses", "Courses", "دوره‌های آموزشی")
READ_COURSES = COURSES.may(Action.READ)
WRITE_COURSES = COURSES.may(Action.WRITE)
APPROVE_COURSES = COURSES.may(Action.APPROVE)
ACT_COURSES = COURSES.may(Action.ACT)

LEARNING = Module("learning", "Enrolments and reading", "ثبت‌نام‌ها و مطالعه")
READ = LEARNING.may(Action.READ)
# Gives points back beyond the stated policy.
APPROVE = LEARNING.may(Action.APPROVE)
ACT = LEARNING.may(Action.ACT)
