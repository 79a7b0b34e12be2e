"""What members hold by name: points, coins, card credit; and turning one into another (PRS-02, PRS-03)."""
