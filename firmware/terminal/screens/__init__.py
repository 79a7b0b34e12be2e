"""What people read: display lines and receipts, in Persian and English."""
