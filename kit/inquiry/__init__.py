"""The team's store: projects and what belongs to them, from the problem to what was sustained."""

from kit.inquiry.entries import Conflict, ConflictError, Entry, Revision
from kit.inquiry.kinds import Field, Kind, kind, kinds
from kit.inquiry.project import Project
from kit.inquiry.store import Store, open_store

__all__ = [
    "Conflict",
    "ConflictError",
    "Entry",
    "Field",
    "Kind",
    "Project",
    "Revision",
    "Store",
    "kind",
    "kinds",
    "open_store",
]
