"""Files given to the club and made by it."""
