"""How a card was read: field 22, as the message spec names it. The last digit: a PIN can be keyed."""

KEYED = "011"
STRIPE = "021"
BARCODE = "031"
CHIP = "051"
CONTACTLESS = "071"
