"""Selectors of layouts: CSS or XPath, taken apart so that most can be answered from a page's ids and classes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from cssselect import HTMLTranslator, SelectorError
from lxml import etree

_TOKEN = re.compile(r"([.#])((?:[\w-]|[^\x00-\x7f])+)")
_SIMPLE = re.compile(r"([a-z][a-z0-9]*)?(?:[.#](?:[\w-]|[^\x00-\x7f])+)+")
_ANCHORED = re.compile(r"((?:[a-z][a-z0-9]*)?(?:[.#](?:[\w-]|[^\x00-\x7f])+)+)\s+(?=[^\s>+~])")
_ASKED = re.compile(r"@([\w-]+)")
_HELD = re.compile(r"[\[ (]@([\w-]+)(?=\]| (?:or|and) )")
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_BRACKETS = re.compile(r"\[[^\]]*\]|:not\([^)]*\)|:(?:is|where|has)\(.*\)")
_ATTRIBUTE = re.compile(r"@([a-zA-Z][\w:-]*)$")
_TEST = re.compile(
    r"contains\(concat\(' ', @class, ' '\), ' (?P<word>[\w-]+) '\)|contains\(@(?P<of>class|id), '(?P<part>[^' ]+)'\)"
    r"|starts-with\(@id, '(?P<start>[^' ]+)'\)|@id='(?P<id>[^' ]+)'"
)
_ANY_TEST = f"(?:{re.sub('[?]P<[a-z]+>', '?:', _TEST.pattern)})"
_LEAD = re.compile(rf"//([a-z][a-z0-9]*|\*)\[({_ANY_TEST}(?: or {_ANY_TEST})*)\]((?:\[(?!\d|last)|/).*)?", re.S)


@dataclass(frozen=True)
class Selector:
    """One compiled selector; `needs` are the ids and classes a page must carry for it to match at all."""

    text: str
    attribute: str | None = None
    below: bool = False

    @cached_property
    def needs(self) -> frozenset[str]:
        """Return `#id` and `.class` tokens; empty for XPath."""
        if _is_xpath(self.text):
            return frozenset()
        return frozenset(kind + name for kind, name in _TOKEN.findall(_BRACKETS.sub("", self.text)))

    @cached_property
    def simple(self) -> tuple[str, frozenset[str]] | None:
        """Return (tag or "", its `#id` and `.class` tokens) of a selector that is one such compound, else None."""
        match = _SIMPLE.fullmatch(self.text)
        return (match[1] or "", self.needs) if match else None

    @cached_property
    def anchor(self) -> tuple[Selector, Selector] | None:
        """Return (a simple selector, the rest to look for below it) of a selector that can be split so."""
        match = _ANCHORED.match(self.text)
        return (Selector(match[1]), Selector(self.text[match.end() :], below=True)) if match else None

    @cached_property
    def lead(self) -> tuple[str, re.Pattern[str], Selector | None] | None:
        """Return (tag or "", pattern, the rest) of an XPath that begins by asking elements for their ids and classes.

        The pattern finds the lines `#id` and `.class` of the names asked for; the rest is looked for from each such
        element.
        """
        match = _LEAD.fullmatch(self.text)
        if not match:
            return None
        names = "|".join(_line(test) for test in _TEST.finditer(match[2]))
        rest = Selector(f"./self::*{match[3]}") if match[3] else None
        return match[1].strip("*"), re.compile(f"^(?:{names})$", re.M), rest

    @cached_property
    def words(self) -> frozenset[str]:
        """Return words of which an XPath's matches carry at least one; empty where that is not sure.

        They are what it compares with, and the names of attributes that it only asks for.
        """
        if not _is_xpath(self.text) or "not(" in self.text:
            return frozenset()
        words = ["".join(pair).strip() for pair in _QUOTED.findall(self.text)] + _HELD.findall(self.text)
        return frozenset(filter(None, words))

    @cached_property
    def reads_names(self) -> bool:
        """Tell whether an XPath asks for no attributes but id and class, so that `words` are parts of these."""
        return set(_ASKED.findall(self.text)) <= {"id", "class"} and "text()" not in self.text and ".," not in self.text

    @cached_property
    def _find(self) -> etree.XPath:
        prefix = "descendant::" if self.below else "descendant-or-self::"
        path = self.text if _is_xpath(self.text) else HTMLTranslator().css_to_xpath(self.text, prefix)
        return etree.XPath(path, smart_strings=False)

    def find(self, root: etree._Element) -> list[etree._Element]:
        """Return the matching elements below (or equal to) an element, in document order."""
        found = self._find(root)
        return [node for node in found if isinstance(node, etree._Element)] if isinstance(found, list) else []

    @classmethod
    def parse(cls, text: str) -> Selector:
        """Compile a selector, or raise ValueError saying what is wrong with it."""
        attribute = None if _is_xpath(text) else _ATTRIBUTE.search(text)
        selector = cls(text[: attribute.start()], attribute[1]) if attribute else cls(text)
        try:
            assert selector._find
        except (SelectorError, etree.XPathError, AssertionError) as error:
            raise ValueError(f"{text!r} is no CSS selector or XPath ({error})") from None
        return selector


def _line(test: re.Match[str]) -> str:
    """Return the pattern of the lines `#id` and `.class` that pass a test of `_TEST`."""
    if test["word"]:
        return rf"\.{re.escape(test['word'])}"
    if test["part"]:
        return rf"{'#' if test['of'] == 'id' else '[.]'}.*{re.escape(test['part'])}.*"
    return rf"#{re.escape(test['start'])}.*" if test["start"] else f"#{re.escape(test['id'])}"


def _is_xpath(text: str) -> bool:
    return text.startswith(("/", "./", "(", "id("))
