"""Test cards and magic amounts: one table for virtual switches, scripted hosts, screens and documents."""

from simulator.wallet.behaviour import Behaviour
from simulator.wallet.table import MagicAmount, TestCard, Wallet, WalletFault, load_wallet

__all__ = ["Behaviour", "MagicAmount", "TestCard", "Wallet", "WalletFault", "load_wallet"]
