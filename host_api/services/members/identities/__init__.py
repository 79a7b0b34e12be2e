"""What a member is known by: mobile number, national id, card of an employer, numbers of other programs."""
