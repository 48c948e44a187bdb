"""Signs that are the same in every language: what ends a sentence, what begins an item. Text comes as printed."""

from __future__ import annotations

import re

_SENTENCE_END = re.compile(r"[.!?…;:][\"'”’»)\]]*$|\./\.?$")
_FULL_STOP = re.compile(r"[.!?…][\"'”’»)\]]*$|\./\.?$")
_LAST_SIGNS = frozenset(".!?…;:\"'”’»)]/")
_ENDING = 64  # letters in which a sentence's end is looked for
ITEM = re.compile(r"^(?:[-–—+*•●▪]|\(?\d{1,2}[.)/](?!\d)|\(?[a-zđ][.)]|[IVX]{1,5}(?:[.)]|/(?!v\b)))\s*(?=\S)")


def ends_sentence(text: str) -> bool:
    """Tell whether a line, as printed, ends like a sentence or a clause, behind which quotes and brackets may close."""
    return text[-1:] in _LAST_SIGNS and _SENTENCE_END.search(text, max(0, len(text) - _ENDING)) is not None


def has_full_stop(text: str) -> bool:
    """Tell whether a line, as printed, ends with a full stop, behind which quotes and brackets may close."""
    return text[-1:] in _LAST_SIGNS and _FULL_STOP.search(text, max(0, len(text) - _ENDING)) is not None
