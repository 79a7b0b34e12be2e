"""Cards of a partner club: their requests go to the partner's switch, over one link, and come back."""
