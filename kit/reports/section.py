"""A section of a report: on the page one piece of HTML, in JupyterLab its charts and tables one by one."""

from __future__ import annotations

from dataclasses import dataclass, field

from IPython.display import display

from kit.charts.display import LIVE_ONLY, Display, Html
from kit.language import Language, in_its_language, the_language

__all__ = ["ABSENT", "Section"]

# The kind of a line that stands for a whole part of a report that its school cannot have, such as graduation at an
# elementary school: the page leaves the part out with its heading, and names the measures where it says what is absent.
ABSENT = "nothing absent"


@dataclass(frozen=True)
class Section:
    """Pieces of HTML and displays, in order.

    Attributes
    ----------
    parts : tuple of Html or Display
    live : bool
        True where a person looks at it in JupyterLab: each chart is then given to Lab's own renderer, with its
        words and its table beside it. The page made from such a notebook is the same.
    language : Language
        What its words are written in: that in which it was made.
    """

    parts: tuple[Html | Display, ...]
    live: bool = False
    language: Language = field(default_factory=the_language)

    @in_its_language
    def html(self) -> str:
        """Return the section as the page holds it."""
        return "".join(part.html if isinstance(part, Html) else part.html() for part in self.parts)

    def displays(self) -> tuple[Display, ...]:
        """Return the charts of the section."""
        return tuple(p for p in self.parts if isinstance(p, Display))

    @in_its_language
    def _ipython_display_(self) -> None:
        if not self.live:
            _publish({"text/html": self.html(), "text/plain": "(a section of the report)"})
            return
        for part in self.parts:
            if isinstance(part, Html):
                _publish({"text/html": f'<div class="kit">{part.html}</div>'}, LIVE_ONLY)
                continue
            _publish(part.live_words()._repr_mimebundle_(), LIVE_ONLY)
            bundle = part._repr_mimebundle_()
            _publish({k: v for k, v in bundle.items() if k != "text/html"}, LIVE_ONLY)
            _publish(part.live_table()._repr_mimebundle_(), LIVE_ONLY)
        # The page shows this one (its style sheet does) and leaves the pieces above out; Lab does the opposite.
        _publish({"text/html": f'<div class="page-part" hidden>{self.html()}</div>', "text/plain": ""})


def _publish(bundle: dict, metadata: dict | None = None) -> None:
    display(bundle, raw=True, metadata=metadata or {})
