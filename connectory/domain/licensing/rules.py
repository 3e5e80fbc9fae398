"""What is open in the licensing rules, as settings, each with the default that is stated.

Microsoft's documents leave these questions open or contradict each other; docs/cost-model.md says
for each what is known.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OpenRules:
    """Answers to open questions.

    Attributes:
        meter_honours_home_premium: The app meter leaves out guests with a Premium licence at home.
        meter_honours_trials: The app meter leaves out people on a trial.
        run_meter_bills_old_plans: Runs of flows are billed though Power Automate Plan 2 covers whom
            they concern.
    """

    meter_honours_home_premium: bool = False
    meter_honours_trials: bool = True
    run_meter_bills_old_plans: bool = False


DEFAULTS = OpenRules()
