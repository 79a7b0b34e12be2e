"""Texts that sellers pay for, to members who are interested and have consented; billed by message sent."""
