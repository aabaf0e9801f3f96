"""Where a worker's process begins: get one slow import out of the way, then be a worker."""

from __future__ import annotations

import sys

__all__ = ["main"]

_GRAMMAR = "rfc3987_syntax"


def main() -> None:
    """Import the workers without the grammar of internationalised addresses, and begin.

    jsonschema, which papermill brings in, compiles that grammar when it is imported and finds the package: 2 s of
    processor time for a check that nothing here makes. Notebooks that import the package still find it.
    """
    sys.modules[_GRAMMAR] = None
    import jsonschema  # noqa: F401

    del sys.modules[_GRAMMAR]
    from kit.reports import workers

    workers.main()
