"""Takes the article out of a page: labelled blocks, nothing dropped in silence."""

from cleaning.layouts import Layouts, load_layouts
from cleaning.pipeline import clean
from cleaning.record import Record
from cleaning.versioning import version

__all__ = ["Layouts", "Record", "clean", "load_layouts", "version"]
