from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of published data beside the project."""
    if not SHARED.is_dir():
        pytest.skip("the folder of published data is not here")
    return SHARED
