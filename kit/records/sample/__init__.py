"""The synthetic sample network: a data folder drawn from a seed. No row describes a real person or school."""

from kit.records.sample.write import write_sample

__all__ = ["write_sample"]
