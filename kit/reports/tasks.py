"""What the batch and its workers say to one another."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Done", "Job", "Task"]


@dataclass(frozen=True)
class Job:
    """What is the same for all reports of a batch."""

    template: str
    out: str
    parameters: dict
    workers: int
    timeout: int
    memory_mb: int
    page: str
    notebooks: str | None = None
    language: str = "en"


@dataclass(frozen=True)
class Task:
    """One report to make; ``parameters`` are its own (``school_id``, ``district_id`` or none)."""

    unit_id: str
    file: str
    title: str
    subtitle: str
    seed: int
    parameters: dict


@dataclass(frozen=True)
class Done:
    """What came of a task: ``error`` is None where the report was made."""

    unit_id: str
    seconds: float
    error: str | None = None
    sha256: str | None = None
