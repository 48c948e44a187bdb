"""The steps in their order. Each labels pieces that no step before it has labelled; deleting is not a verb here.

`join` alone changes pieces: it makes one of lines that are one, once whole-line furniture is out of the way.
"""

from collections.abc import Callable

from cleaning.joins import join
from cleaning.page import Page
from cleaning.steps.attachments import attachments
from cleaning.steps.boilerplate import buttons, image_alts, regions, related
from cleaning.steps.byline import labelled_bylines, last_line_byline
from cleaning.steps.captions import captions
from cleaning.steps.counters import counters
from cleaning.steps.published import published
from cleaning.steps.rest import beside, lead, prose, tail
from cleaning.steps.tables import tables
from cleaning.steps.title import title
from cleaning.steps.views import views

STEPS: tuple[Callable[[Page], None], ...] = (
    image_alts,
    counters,
    tables,
    buttons,
    join,
    related,
    title,
    published,
    views,
    attachments,
    labelled_bylines,
    regions,
    captions,
    last_line_byline,
    tail,
    lead,
    prose,
    beside,
)
