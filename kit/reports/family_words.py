"""A school's measures in everyday words, for families: what each counts, and what to ask."""

from __future__ import annotations

from dataclasses import dataclass

from kit.language import N_, _

__all__ = ["COMMON_QUESTIONS", "LIMITS", "TOPICS", "Topic", "grade_words"]


@dataclass(frozen=True)
class Topic:
    """A measure as a family reads it.

    Attributes
    ----------
    measure : str
        Id of the measure.
    title : str
        A few everyday words.
    says : str
        The number in a sentence; ``{share}`` is such as ``12 of 100``.
    what : str
        What a hundred of are drawn.
    question : str
        What a family may ask the school about it.
    """

    measure: str
    title: str
    says: str
    what: str
    question: str


_STUDENTS, _DAYS, _ANSWERS = N_("students"), N_("school days"), N_("answers")

# In the order in which they are shown; a school has the first eight of which it has a number.
TOPICS = (
    Topic(
        "attendance_rate",
        N_("Coming to school"),
        N_("Students were in school on {share} days."),
        _DAYS,
        N_("What helps students come to school each day?"),
    ),
    Topic(
        "chronic_absence",
        N_("Missing a lot of school"),
        N_("{share} students missed at least one day in ten. In a year of 180 school days, that is 18 days or more."),
        _STUDENTS,
        N_("What keeps some students from coming to school, and what can we do together?"),
    ),
    Topic(
        "ela_proficient",
        N_("Reading and writing"),
        N_("{share} students who took the test met the goal for their grade in reading and writing."),
        _STUDENTS,
        N_("How do you teach reading and writing, and how can I help at home?"),
    ),
    Topic(
        "math_proficient",
        N_("Math"),
        N_("{share} students who took the test met the goal for their grade in math."),
        _STUDENTS,
        N_("What help is there for students who find math hard?"),
    ),
    Topic(
        "graduation_4",
        N_("Finishing high school"),
        N_(
            "{share} students finished high school in four years. Students who moved to another school are not counted."
        ),
        _STUDENTS,
        N_("How do I know if my child is on track to finish high school?"),
    ),
    Topic(
        "hs_readiness",
        N_("Ready for high school"),
        N_(
            "{share} students in grade 8 were ready for high school. To be ready, a student has a grade average of 2.5 "
            "or more, comes to school 96 of 100 days, has no D or F in English or math, and is not suspended."
        ),
        _STUDENTS,
        N_("How do you get students ready for high school?"),
    ),
    Topic(
        "suspension",
        N_("Sent out of class or home"),
        N_(
            "{share} students were suspended or expelled at least once. That means they had to leave class, or to stay "
            "away from school."
        ),
        _STUDENTS,
        N_("What happens before a student is sent out, and how is the student welcomed back?"),
    ),
    Topic(
        "climate_safety_student",
        N_("Feeling safe"),
        N_("Students were asked if they feel safe at school. {share} answers were good: 4 or 5 on a scale of 1 to 5."),
        _ANSWERS,
        N_("Where do students feel safe, and where do they not?"),
    ),
    Topic(
        "college_going",
        N_("Going to college"),
        N_("Of the students who finished high school, {share} started college in the next 16 months."),
        _STUDENTS,
        N_("Who can help us plan and pay for college?"),
    ),
    Topic(
        "el_redesignation",
        N_("Learning English"),
        N_(
            "This counts students who became fluent in English this year, and students who are still learning English "
            "after five years. {share} of them became fluent this year."
        ),
        _STUDENTS,
        N_("How do you help students who are learning English?"),
    ),
    Topic(
        "climate_belonging_student",
        N_("Feeling at home"),
        N_(
            "Students were asked if they feel they are part of the school. {share} answers were good: 4 or 5 on a "
            "scale of 1 to 5."
        ),
        _ANSWERS,
        N_("How does the school help each student find friends and feel welcome?"),
    ),
    Topic(
        "climate_support_student",
        N_("Help with learning"),
        N_(
            "Students were asked if adults at school help them learn. {share} answers were good: 4 or 5 on a scale "
            "of 1 to 5."
        ),
        _ANSWERS,
        N_("Who helps a student who falls behind?"),
    ),
)

COMMON_QUESTIONS = (
    N_("How is my child doing, and what comes next?"),
    N_("What is the school trying this year? How will you know if it helps?"),
    N_("How can families take part?"),
)

LIMITS = (
    N_("They do not say why. Only people who know the school can help find out."),
    N_("They do not say how your own child is doing. Ask your child’s teacher."),
    N_("They leave out a lot, such as art, music, sports, friends and kindness."),
    N_("Each year some students leave and new ones come. So a change may be a change of students."),
)
_NAMED_GRADES = {
    "TK": N_("transitional kindergarten"),
    "PK": N_("preschool"),
    "K": N_("kindergarten"),
}


def grade_words(grade: str) -> str:
    """Name a grade in everyday words: ``kindergarten``, ``grade 5``."""
    return _(_NAMED_GRADES[grade]) if grade in _NAMED_GRADES else _("grade {grade}").format(grade=grade)
