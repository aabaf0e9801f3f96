"""Growth of students' scores by school: value added and student growth percentiles. Tables in, tables out."""

from kit.growth.explain import explain
from kit.growth.growth_percentiles import GrowthPercentiles, growth_percentiles, summarize_percentiles
from kit.growth.limits import limits
from kit.growth.mixed import RandomIntercept, random_intercept
from kit.growth.school_percentiles import school_percentiles
from kit.growth.stability import stability
from kit.growth.value_added import COVARIATES, ValueAdded, value_added

__all__ = [
    "COVARIATES",
    "GrowthPercentiles",
    "RandomIntercept",
    "ValueAdded",
    "explain",
    "growth_percentiles",
    "limits",
    "random_intercept",
    "school_percentiles",
    "stability",
    "summarize_percentiles",
    "value_added",
]
