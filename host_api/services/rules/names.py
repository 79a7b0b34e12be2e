"""Names by which the parts of this service find each other's work."""

from typing import Final

# Short work: compiling, checking, explaining one sale.
CHECK_JOB: Final = "rule-check"
# Long work: many sales, a journal.
TRIAL_JOB: Final = "rule-trial"
PUBLICATION_JOB: Final = "rule-publication"
