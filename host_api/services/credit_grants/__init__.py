"""Credit and gift values that the club gives to a member or an audience, under a budget (PRS-04, PRS-05)."""
