"""Files of programmes: contents sealed on disk, what is known of them in a table."""
