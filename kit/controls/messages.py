"""What a widget says: progress, notes, and errors in words where a person sees them, never in a hidden log."""

from __future__ import annotations

import os
from collections.abc import Callable
from html import escape

import ipywidgets as w

from kit.errors import InputError, KitError
from kit.reports.looks import live_style

__all__ = ["ERROR_MARK", "Message", "button_layout", "guarded", "in_words", "look", "paragraph", "styled"]

# Tests look for this mark in the state of the widgets.
ERROR_MARK = "kit-error"
_MOST_FAULTS = 6
# JupyterLab shows the first line of a collapsed cell («View, Expand All Code» still shows the code), and sets
# headings so tight that a title of two lines overlaps, and a list's terms beside their words; a long label is cut off.
_IN_LAB = (
    "<style>.jp-Notebook:has(.kit-look) .jp-InputPlaceholder{display:none}"
    ".kit h2,.kit h3,.kit h4{line-height:1.35}.kit p,.kit li{line-height:1.5}"
    ".kit dt{float:none;width:auto}.kit dd{margin-left:0}"
    # The label of a box stands whole, on two lines where it is long.
    ".jp-Notebook:has(.kit-look) .widget-inline-hbox>.widget-label{white-space:normal;overflow:visible;"
    "line-height:1.1;height:auto;min-height:28px;display:flex;align-items:center;justify-content:flex-end;"
    "align-self:flex-start;text-align:right}</style>"
)


def styled(inner: str) -> str:
    """Put HTML into the look of the kit's outputs."""
    return f'<div class="kit" style="padding:0 .25rem;line-height:1.5">{inner}</div>'


def paragraph(text: str) -> str:
    """Write a sentence as a paragraph; the text is escaped."""
    return f'<p style="margin:.35rem 0;max-width:46rem;line-height:1.5">{escape(text)}</p>'


def in_words(error: Exception) -> str:
    """Return an error as HTML that says what is wrong and what to do; the text is escaped."""
    if isinstance(error, InputError):
        lines = "".join(f"<li>{escape(str(f))}</li>" for f in error.faults[:_MOST_FAULTS])
        more = len(error.faults) - _MOST_FAULTS
        tail = f"<p>And {more:,} more: «kit check» lists them all.</p>" if more > 0 else ""
        return f"<p>These faults must be mended first:</p><ul>{lines}</ul>{tail}"
    if isinstance(error, KitError):
        return f"<p>{escape(str(error))}</p>"
    first = str(error).strip().splitlines()[0][:200] if str(error).strip() else ""
    says = f"The kit could not go on ({type(error).__name__}: {first}). Please send this line to your data office."
    return f"<p>{escape(says)}</p>"


class Message(w.HTML):
    """A line under the controls that says what goes on."""

    def say(self, text: str) -> None:
        """Show a sentence."""
        self.value = styled(f'<div role="status">{paragraph(text)}</div>')

    def fail(self, error: Exception) -> None:
        """Show an error in words."""
        self.value = styled(
            f'<div role="alert" class="{ERROR_MARK}" style="border-left:4px solid var(--closer);'
            f'padding:.1rem .9rem;margin:.5rem 0;overflow-wrap:anywhere">'
            f"<b>This did not work.</b>{in_words(error)}</div>"
        )

    def clear(self) -> None:
        """Show nothing."""
        self.value = ""

    @property
    def failed(self) -> bool:
        """Whether an error is shown."""
        return ERROR_MARK in self.value


def guarded(message: Message, action: Callable[[], None]) -> Callable[..., None]:
    """Return a callback whose errors are shown: Jupyter itself would hide them in a log.

    Parameters
    ----------
    message : Message
        Where an error is shown.
    action : callable
        What to do; what the widget passes is not needed.
    """

    def callback(*_) -> None:
        try:
            action()
        except Exception as error:
            message.fail(error)
            if os.environ.get("KIT_DEBUG"):
                raise

    return callback


def look() -> w.HTML:
    """Return the style sheet of the kit's outputs as a widget that shows nothing."""
    return w.HTML(live_style() + _IN_LAB, layout=w.Layout(margin="0", height="0")).add_class("kit-look")


def button_layout(indent: str) -> w.Layout:
    """Return the place of a button: under the boxes, beside their labels, as wide as its words."""
    return w.Layout(width="auto", margin=f"2px 0 0 calc({indent} + 6px)", align_self="flex-start")
