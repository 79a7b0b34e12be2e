"""Points that a member gives to another, confirmed by a code that the giver is texted."""
