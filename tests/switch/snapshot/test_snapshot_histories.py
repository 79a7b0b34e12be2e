"""Lives that go on, again and again, from an image of themselves: they stay what they would have been."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from switch.ledger.stores import Engine
from tests.amounts import many
from tests.switch.ledger.test_ledger_machine import LedgerMachine
from tests.switch.snapshot.images import ENGINES, passed_on
from tests.switch.test_authoriser_machine import ClubMachine

__all__ = ["TestSavedClub", "TestSavedLedger"]


class SavedLedger(LedgerMachine):
    """The ledger beside its slow reference, from images."""

    @rule(engine=st.sampled_from(ENGINES))
    def go_on_from_an_image(self, engine: Engine) -> None:
        journal = self.book.journal
        looked_up = self.book.state.inactive_accounts
        self.book.state = passed_on(self.book.state)[ENGINES.index(engine)]
        # The reference looks for inactive members once a day; a start would look again on the same day.
        self.book.state.inactive_accounts = looked_up
        self.book.state.find_older = lambda position: journal[position - 1]


class SavedClub(ClubMachine):
    """The club with its authoriser, from images."""

    @rule(engine=st.sampled_from(ENGINES))
    def go_on_from_an_image(self, engine: Engine) -> None:
        self.club.state = passed_on(self.club.state)[ENGINES.index(engine)]
        self.club.state.find_older = self.club.find_raw


TestSavedLedger = SavedLedger.TestCase
TestSavedLedger.settings = settings(max_examples=many(40), stateful_step_count=40, deadline=None)
TestSavedClub = SavedClub.TestCase
TestSavedClub.settings = settings(max_examples=many(25), stateful_step_count=30, deadline=None)
