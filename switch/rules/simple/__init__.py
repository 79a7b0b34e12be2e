"""Simple rules: one line of English or Persian that stands for a full rule.

100 points per 1,000,000 rial at M1/1, M1/2          هر ۱۰۰ هزار تومان ۱۰۰ امتیاز
10 points per visit, once per day                    ۱۰ امتیاز هر مراجعه، یک بار در روز
20% off once above 2,000,000 rial                    ۱۰٪ تخفیف با ۱۰۰۰ امتیاز
"""

from switch.rules.simple.expansion import Expander
from switch.rules.simple.lexicon import SimpleFault

__all__ = ["Expander", "SimpleFault"]
