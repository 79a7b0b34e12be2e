"""Who people are at the console: users, logins, sessions, roles."""
