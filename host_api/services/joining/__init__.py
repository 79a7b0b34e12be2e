"""Becoming a member: at the counter, by SMS, in the app, on the web; open, or with fee and approval."""
