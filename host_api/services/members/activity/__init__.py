"""How active members are, found out each night from their purchases."""
