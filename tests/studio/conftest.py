from pathlib import Path

import pytest

from tests.fakes import FakeFal, FastClock
from tests.studio.room import Room


@pytest.fixture
def room(tmp_path: Path, clip: bytes) -> Room:
    (tmp_path / "library").mkdir()
    return Room(tmp_path, FakeFal(clip=clip), FastClock())
