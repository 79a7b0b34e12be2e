"""Two records of one person become one, and one record becomes two."""
