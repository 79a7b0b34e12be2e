"""Days of the year that a member is thought of: birthday, wedding anniversary, own occasions."""
