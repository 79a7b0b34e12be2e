"""Articles and news of the club, and the public pages that show them."""
