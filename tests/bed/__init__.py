"""Real servers for tests, each set of them in a world of its own. See README.md."""

from .process import BedError
from .world import World

__all__ = ["BedError", "World"]
