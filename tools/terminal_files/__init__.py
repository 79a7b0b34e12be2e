"""Files that the club makes for a terminal: what it may sell without a link, and who may work at it."""
