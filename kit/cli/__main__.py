"""``python -m kit.cli`` is ``kit``."""

import sys

from kit.cli import main

sys.exit(main())
