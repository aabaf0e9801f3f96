"""The random folders of the measures' tests serve the databases' tests too."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "measures"))
