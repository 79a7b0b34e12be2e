"""What the shop sells: categories, items, times of reservations, prices."""
