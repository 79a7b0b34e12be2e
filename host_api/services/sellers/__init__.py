"""Members and merchants who sell to members: terms, their account with the club, statement and settlement."""
