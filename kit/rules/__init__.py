"""Rule sets as data: CORE, California, MSIP 5, early warning and absence, as pure functions.

Each rule set has its module (``kit.rules.core``, ``california``, ``msip5``, ``msip6``, ``absence``,
``redesignation``, ``early_warning``) and its data beside it, every row with a source and a grade of
evidence. What no source settles is an :class:`Assumption` that goes with the result and is printed.
"""

from kit.rules.absence import ChronicRule, absence_band, chronic, chronic_rule, chronic_rules
from kit.rules.assumptions import Assumption, assumption_texts
from kit.rules.california import Dashboard, dashboard
from kit.rules.california_table import dashboard_table
from kit.rules.core import CoreIndex, CoreSettings, core_index
from kit.rules.core_baseline import make_baseline, read_baseline, write_baseline
from kit.rules.core_levels import level, levels, next_levels, students_to_next_levels
from kit.rules.early_warning import EarlyWarning, early_warning, early_warning_table
from kit.rules.redesignation import RedesignationRule, redesignated, redesignation_rule, redesignation_rules
from kit.rules.rounding import exact, half_up, rate, round_rates

__all__ = [
    "Assumption",
    "ChronicRule",
    "CoreIndex",
    "CoreSettings",
    "Dashboard",
    "EarlyWarning",
    "RedesignationRule",
    "absence_band",
    "assumption_texts",
    "chronic",
    "chronic_rule",
    "chronic_rules",
    "core_index",
    "dashboard",
    "dashboard_table",
    "early_warning",
    "early_warning_table",
    "exact",
    "half_up",
    "level",
    "levels",
    "make_baseline",
    "next_levels",
    "rate",
    "read_baseline",
    "redesignated",
    "redesignation_rule",
    "redesignation_rules",
    "round_rates",
    "students_to_next_levels",
    "write_baseline",
]
