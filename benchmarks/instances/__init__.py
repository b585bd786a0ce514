"""Problems that the optimiser is measured on: stored ones and seeded, made ones."""

from benchmarks.instances.district import Instance, make
from benchmarks.instances.stored import Stored, stored

__all__ = ["Instance", "Stored", "make", "stored"]
