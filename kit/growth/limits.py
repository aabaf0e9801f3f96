"""What a growth figure cannot tell: printed wherever one stands."""

from __future__ import annotations

from kit.language import _

__all__ = ["limits"]


def limits() -> list[str]:
    """Say in plain sentences what growth figures cannot tell.

    Returns
    -------
    list of str
        Each a whole sentence; the first three are the ones to print where there is room for few.

    Notes
    -----
    After the American Statistical Association's statement on value-added models (2014) and Hough, Byun and
    Mulfinger (2018) on CORE's growth measure.
    """
    return [
        _("Growth compares students with similar students; it does not say whether they reach the standard."),
        _("It shows that scores rose more or less than predicted, not why, and not that the school caused it."),
        _("Read the interval, not the point: two schools whose intervals overlap widely may not differ at all."),
        _("About half of all schools are below 50: it marks the average of these schools, not a standard."),
        _("A percentile can fall while a school does as well as before, because the other schools did better."),
        _("Only what is recorded is adjusted for; needs and events not in the data remain in the figure."),
        _("Adjusting for a school's make-up can hide its own part and expects less of some students."),
        _("Students without a score in the year before, often those who moved, are not in the figure."),
        _("The interval covers chance in which students a school had, not an unusual test day, class or year."),
        _("Figures differ between years by chance as well as by change: look at two or three before you act."),
        _("Small schools and groups are drawn toward the average, so a large difference there may not show."),
        _("The figure speaks of tested subjects and grades only."),
        _("It is made to find questions worth asking, not to judge one teacher or one student."),
    ]
