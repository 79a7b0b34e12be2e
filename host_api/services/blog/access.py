"""Who may do what with the blog."""

from host_api.core.access.permissions import Action, Module

BLOG = Module("blog", "Blog and news", "بلاگ و اخبار")
READ = BLOG.may(Action.READ)
WRITE = BLOG.may(Action.WRITE)
# Reviews, publishes and withdraws.
APPROVE = BLOG.may(Action.APPROVE)
# Shows published articles in the club's own app.
ACT = BLOG.may(Action.ACT)
