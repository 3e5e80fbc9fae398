"""Words for plans and rules of licences."""

from __future__ import annotations

from typing import Final

PLANS: Final = {
    "pa_premium": "Power Apps Premium",
    "pa_per_app": "Power Apps per app",
    "pa_payg": "Power Apps, metered",
    "fl_premium": "Power Automate Premium",
    "fl_process": "Power Automate Process",
    "fl_payg": "Flow runs, metered",
    "cs_pack": "Copilot credit pack",
    "cs_payg": "Copilot credits, metered",
}
RULES: Final = {
    "custom_connector_app": "App with a custom connector",
    "managed_environment": "App of a managed environment",
    "custom_connector_flow": "Flow with a custom connector",
    "service_principal_flow": "Flow of a service principal",
}
SLOTS: Final = {
    "pa_premium": 0,
    "fl_premium": 1,
    "pa_payg": 2,
    "pa_per_app": 3,
    "fl_process": 7,
    "fl_payg": 6,
    "cs_pack": 4,
    "cs_payg": 8,
}
"""Colours of the theme, by plan: the same in every plot."""
