"""What each display of an exploration asks a group; one short sentence each."""

from __future__ import annotations

from kit.controls.step import Prompts

__all__ = ["FOUR_QUESTIONS", "OWN", "QUICK"]

# cycle.md, «Monthly explorations»: the four questions.
FOUR_QUESTIONS = (
    ("Patterns between schools", "What do schools with low, and with high, numbers have in common?"),
    ("Variation between like schools", "Which schools with like students have different numbers?"),
    ("Up or down over time", "What rose or fell, since when, and for how many?"),
    ("How the gaps differ", "Between which student groups, and where is the gap smaller?"),
)
QUICK = {
    "level": Prompts(
        title="Level and colour",
        predict="What number do you expect, and how do the schools spread over the levels?",
        look="First the number in words, then the bar of schools.",
        notice="How many schools stand where you expected them?",
        wonder="What might the schools at one end have in common?",
        decide="Which schools will you look at more closely?",
    ),
    "trend": Prompts(
        title="Over the years",
        predict="Up, down or level? For which students is it different?",
        look="Follow the thick line, then the others.",
        notice="Which line moved otherwise than the rest?",
        wonder="What changed in that year, and for whom?",
        decide="Whose view of that year do you need?",
    ),
    "groups": Prompts(
        title="Student groups over the years",
        predict="Which group has moved most?",
        look="Compare the bars of one group, then the latest bars of several.",
        notice="Where did the gap become smaller?",
        wonder="What did that group meet at school that year?",
        decide="Whom of that group will you ask?",
    ),
    "districts": Prompts(
        title="Against other districts",
        predict="Where does your district lie, and is it clearly apart from the network?",
        look="Dots with their intervals, in alphabetical order.",
        notice="Which districts do not overlap with yours?",
        wonder="What do you know of their students and their practice?",
        decide="Whom will you call?",
    ),
    "pair": Prompts(
        title="Against two other measures",
        predict="Do they go together? Which school lies away from the rest?",
        look="Point at a dot for its name. First one pair, then the other.",
        notice="Name a school that does better on both.",
        wonder="What would you ask there?",
        decide="Which school would you visit?",
    ),
}


def _own(title: str, predict: str, look: str, notice: str) -> Prompts:
    return Prompts(title=title, predict=predict, look=look, notice=notice,
                   wonder="Why might it be so, and who would know?",
                   decide="What is the next step, and who takes it?")  # fmt: skip


OWN = {
    "bands": _own("Bands of absence", "How are students spread from hardly absent to severely absent?",
                  "First the students under the line, then those over it.", "Which band is larger than you thought?"),
    "distance": _own("How few days separate a student from the line",
                     "How many students are within two days of the line, on either side?",
                     "How many days more, or fewer, would have put them on the other side.",
                     "How large is the part near the line, and the part far beyond it?"),
    "when": _own("Which weekday, which month", "On which weekday and in which month are most days missed?",
                 "The weekdays first, then the months.", "How far apart are the best and the worst day?"),
    "daily": _own("Daily attendance with its limits", "Which dates will lie outside the limits?",
                  "Points outside the limits first, then long runs on one side.", "Which dates stand out?"),
    "grades": _own("Grade by grade", "In which grade is the share highest?",
                   "From the lowest grade to the highest.", "Where is the largest step between two grades?"),
    "criteria": _own("Which of the four criteria fails", "Which criterion do most students miss?",
                     "One bar a criterion; a student can be in several.", "Which bar is not where you expected it?"),
    "overlap": _own("How the criteria overlap", "How many miss one criterion alone?",
                    "First the students who miss one alone, then two, then more.",
                    "Is it mostly one criterion, or several at once?"),
    "years": _own("Years to redesignation, and long-term learners", "How long do most students wait?",
                  "Those reclassified this year, then those who still are English learners.",
                  "How large is the part of five years and more?"),
    "rival": _own("The rate under each rule set", "How far apart are the rates of the same students?",
                  "The rows of one place, then the rules under the table.", "Which rate do people at home quote?"),
    "constructs": _own("Each construct in plain words", "Which row will be answered least positively, and by whom?",
                       "Read the plain words first, then the marks.", "Where do students and adults differ most?"),
    "items": _own("Question by question", "Which question of a construct will stand apart?",
                  "The share of positive answers, and how many answered.", "Which question stands apart from its row?"),
    "bright": _own("Status against growth", "Which schools grow most from where they began?",
                   "Diamonds are better on both. Then the upper left: low status, high growth.",
                   "Name a school whose growth its status hides."),
    "longer": _own("Four, five and six years", "How many graduate in the fifth or sixth year?",
                   "The bars from four to six years; the cohorts are different years.",
                   "How much is gained after the fourth year?"),
}  # fmt: skip
