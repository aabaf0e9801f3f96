"""The stories hidden in a sample network, and the sealed answers that tell a coach where they are.

A story is a set of constants that the other modules read: what is written in the answers is what was drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from kit.records.sample.network import Network
from kit.records.sample.schooldays import EPOCH, LAST_YEAR, day

__all__ = ["Stories", "answers", "choose_stories", "with_stories"]

BRIGHT_START, BRIGHT_GROWTH, BRIGHT_ABSENCE, BRIGHT_POVERTY = 0.72, 0.6, 0.62, 0.88
DIP_ABSENCE, DIP_MATH = 1.9, -0.55
GAP_STEP = -0.28  # student standard deviations a year, in math
WAVE_ABSENCE = 2.3
CHANGE_BEFORE, CHANGE_FACTOR = 1.55, 0.45
ALIKE_POVERTY = 0.62
REDESIGNATION_ODDS = (2.0, 0.5)
ABSENCE_WAVE = (day(LAST_YEAR, 1, 12), day(LAST_YEAR, 2, 13))
CHANGE_DAY = day(LAST_YEAR - 1, 11, 3)
FEWEST_DISTRICTS = 6

HEAD = "# Sealed answers: the stories in the sample network"
WARNING = "**For coaches only. Do not open this with the group: it takes the finding away from them.**"


@dataclass(frozen=True)
class Stories:
    """Where each story lies; -1 where the network is too small to hold it.

    Attributes
    ----------
    bright_spot, changed_school : int
        Schools.
    dip_district, gap_district, wave_district : int
        Districts.
    redesignation : tuple of int
        The district that redesignates more, and the one that redesignates less.
    """

    bright_spot: int = -1
    dip_district: int = -1
    gap_district: int = -1
    wave_district: int = -1
    redesignation: tuple[int, int] = (-1, -1)
    changed_school: int = -1

    def dips(self, network: Network, school: np.ndarray, grade: np.ndarray) -> np.ndarray:
        """Tell which pupils are in grade 6 of a middle school of the district with the dip."""
        here = (network.district == self.dip_district) & (network.level == 1)
        return here[school] & (grade == 6)

    def math(self, network: Network, school, grade, year: int, disadvantaged) -> np.ndarray:
        """Return what the sixth-grade dip and the widening gap take from math, in standard deviations."""
        step = max(year - (LAST_YEAR - 2), 0)
        widens = (network.district == self.gap_district)[school] & disadvantaged
        return GAP_STEP * step * widens + DIP_MATH * self.dips(network, school, grade)

    def absence_by_day(self, network: Network, school: int, days: np.ndarray) -> np.ndarray:
        """Return the factor on a school's absence on each day: the wave, and the change that worked."""
        factor = np.ones(len(days))
        if network.district[school] == self.wave_district:
            factor[(days >= ABSENCE_WAVE[0]) & (days <= ABSENCE_WAVE[1])] *= WAVE_ABSENCE
        if school == self.changed_school:
            factor *= np.where(days < CHANGE_DAY, CHANGE_BEFORE, CHANGE_BEFORE * CHANGE_FACTOR)
        return factor


def choose_stories(network: Network) -> Stories:
    """Say where the stories lie: a network of six districts or more holds all, a smaller one none."""
    if len(network.district_id) < FEWEST_DISTRICTS:
        return Stories()
    elementary = np.flatnonzero((network.district == 0) & (network.level == 0))
    middle = np.flatnonzero((network.district == 1) & (network.level == 1))
    usual = elementary[np.argsort(-network.grade_size[elementary], kind="stable")]
    return Stories(
        bright_spot=int(usual[len(usual) // 3]),
        dip_district=2,
        gap_district=3,
        wave_district=4,
        redesignation=(0, 1),
        changed_school=int(middle[-1]),
    )


def with_stories(network: Network, stories: Stories) -> Network:
    """Return the network with its stories' schools and districts made so (a new one)."""
    if stories.bright_spot < 0:
        return network
    poverty, absence = network.poverty.copy(), network.absence.copy()
    growth, head_start = network.growth.copy(), network.head_start.copy()
    redesignation = network.redesignation.copy()
    poverty[stories.bright_spot], absence[stories.bright_spot] = BRIGHT_POVERTY, BRIGHT_ABSENCE
    growth[:, stories.bright_spot], head_start[:, stories.bright_spot] = BRIGHT_GROWTH, BRIGHT_START
    absence[stories.changed_school] = 1.05
    redesignation[list(stories.redesignation)] = REDESIGNATION_ODDS
    pupils = network.grade_size * (network.high - network.low + 1)
    for d in stories.redesignation:  # alike in composition, so that the difference lies elsewhere
        here = network.district == d
        poverty[here] += ALIKE_POVERTY - np.average(poverty[here], weights=pupils[here])
    poverty[stories.bright_spot] = BRIGHT_POVERTY
    poverty = np.clip(poverty, 0.08, 0.95)
    return replace(
        network,
        poverty=poverty,
        absence=absence,
        growth=growth,
        head_start=head_start,
        redesignation=redesignation,
    )


def _iso(days: int) -> str:
    return date.fromordinal(days + EPOCH.toordinal()).isoformat()


def answers(network: Network, stories: Stories) -> str:
    """Write the answers for coaches, as Markdown, from the constants that the tables were drawn with."""
    lines = [HEAD, "", WARNING, "", "All of it is synthetic: the stories were put in by the generator.", ""]
    if stories.bright_spot < 0:
        lines += [f"A network of fewer than {FEWEST_DISTRICTS} districts holds no stories.", ""]
        return "\n".join(lines)

    def school(s: int) -> str:
        return f"{network.school_name[s]} (school `{network.school_id[s]}`, {district(network.district[s])})"

    def district(d: int) -> str:
        return f"{network.district_name[d]} (district `{network.district_id[d]}`)"

    dip = np.flatnonzero((network.district == stories.dip_district) & (network.level == 1))
    years = f"{network.years[0]} to {network.years[-1]}" if len(network.years) > 1 else str(network.years[0])
    gap_years = [y for y in network.years if y >= LAST_YEAR - 2]
    more, less = stories.redesignation
    told = {
        "A bright spot": (
            school(stories.bright_spot),
            f"{years}, all grades",
            "Nearly nine pupils in ten are disadvantaged, yet ELA and math are above most elementary schools "
            "in the first year and rise each year to be among the highest, and absence is low.",
            "`ela_proficient`, `math_proficient` and `chronic_absence` of elementary schools against the "
            "share disadvantaged; then the school's trend.",
        ),
        "A sixth-grade dip": (
            "the middle schools of "
            + district(stories.dip_district)
            + ": "
            + ", ".join(f"`{network.school_id[s]}`" for s in dip),
            f"{years}, grade 6",
            "Chronic absence is far higher, and math far lower, in grade 6 than in grade 5 or grade 7; in "
            "other districts the step into middle school is small.",
            "`chronic_absence` and `math_proficient` by grade for the district, beside another district.",
        ),
        "A gap that widens": (
            district(stories.gap_district),
            f"{', '.join(map(str, gap_years))}; student group `disadvantaged`, math",
            "Disadvantaged pupils fall further behind the others each year; ELA does not show it, and in no "
            "other district does the gap grow so much.",
            "`math_proficient` for `disadvantaged` and `all`, district, over the years.",
        ),
        "A winter absence wave": (
            district(stories.wave_district),
            f"{LAST_YEAR}, {_iso(ABSENCE_WAVE[0])} to {_iso(ABSENCE_WAVE[1])}",
            f"All its schools have about {WAVE_ABSENCE:g} times the usual absence in these weeks, not before "
            "and not after.",
            "Daily records by week, district against the others; by month it is blurred.",
        ),
        "A difference in redesignation": (
            f"{district(more)} and {district(less)}",
            f"{years}, student group `english_learner`",
            "Much the same share of disadvantaged pupils, and of pupils who are or have been English "
            "learners, but the first redesignates far more of its learners each year.",
            "`el_redesignation` of the two districts, then their composition (count learners and "
            "redesignated pupils together, since the first district's learners become fluent sooner).",
        ),
        "A change that worked": (
            school(stories.changed_school),
            f"{LAST_YEAR}, from the week of {_iso(CHANGE_DAY)} on",
            "Absence is high until then (and in the years before), falls to about half in that week, and "
            "stays down to the year's end, through the winter.",
            "The week's absence rate on a run chart with the median of the weeks before; beside it the "
            "district's other middle schools.",
        ),
    }
    for title, (where, when, what, how) in told.items():
        lines += [f"## {title}", "", f"- Where: {where}", f"- When and who: {when}"]
        lines += [f"- What: {what}", f"- How to see it: {how}", ""]
    if len(gap_years) < 2:
        lines += ["With a single year nothing can be seen to rise or widen.", ""]
    return "\n".join(lines)
