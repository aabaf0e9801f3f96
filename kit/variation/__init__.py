"""Run charts and control charts on plain series: numbers in, tables out."""

from kit.variation.chart import Chart
from kit.variation.control_calculation import LOCKED_POINTS
from kit.variation.control_chart import c_chart, p_chart, p_prime_chart, u_chart, xmr_chart
from kit.variation.control_charts import control_charts
from kit.variation.gaps import fill_gaps
from kit.variation.phases import Phase
from kit.variation.run_chart import FEWEST_POINTS, run_chart, run_charts
from kit.variation.verdicts import Verdict, assurance_verdict, variation_verdict
from kit.variation.words import say_limits, say_signal, summary

__all__ = [
    "FEWEST_POINTS",
    "LOCKED_POINTS",
    "Chart",
    "Phase",
    "Verdict",
    "assurance_verdict",
    "c_chart",
    "control_charts",
    "fill_gaps",
    "p_chart",
    "p_prime_chart",
    "run_chart",
    "run_charts",
    "say_limits",
    "say_signal",
    "summary",
    "u_chart",
    "variation_verdict",
    "xmr_chart",
]
