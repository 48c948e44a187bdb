"""Selectors of layouts: CSS or XPath, taken apart so that most can be answered from a page's ids and classes."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from cssselect import HTMLTranslator, SelectorError
from lxml import etree

_TOKEN = re.compile(r"([.#])((?:[\w-]|[^\x00-\x7f])+)")
_COMPOUND = r"(?=[^\s>])([a-z][a-z0-9]*|)((?:[.#](?:[\w-]|[^\x00-\x7f])+)*)((?:\[[\w-]+(?:=[\w-]+)?\])*)(:last-child)?"
_STEP = re.compile(rf"(^|\s*>\s*|\s+){_COMPOUND}")
_STEPS = re.compile(rf"{_COMPOUND}(?:(?:\s*>\s*|\s+){_COMPOUND})*")
_HEAD = frozenset({"html", "head", "title", "meta", "link", "base"})  # what is not in a page's body
_TESTED = re.compile(r"\[([\w-]+)(?:=([\w-]+))?\]")
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


class Step(NamedTuple):
    """One compound of a selector of tags, ids, classes, attributes, `:last-child`, `>` and space."""

    tag: str  # empty for any
    tokens: tuple[str, ...]  # `#id` and `.class`
    tests: tuple[tuple[str, str | None], ...]  # attributes, with the value asked for if any
    child: bool  # of an element that the step before fits
    last: bool  # of its parent's children


class Named(NamedTuple):
    """What an XPath's test asks for: an id (`#`) or a class (`.`) that is, holds or begins with a text."""

    kind: str
    text: str
    how: Literal["is", "holds", "begins"]

    def fits(self, names: Collection[str]) -> list[str]:
        """Return which of `#id` and `.class` are asked for."""
        if self.how == "is":
            return [name] if (name := self.kind + self.text) in names else []
        if self.how == "begins":
            return [name for name in names if name.startswith(self.kind + self.text)]
        return [name for name in names if self.text in name and name[0] == self.kind]


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
    def steps(self) -> tuple[Step, ...]:
        """Return the compounds of a selector; empty for one that is more than these."""
        if not _STEPS.fullmatch(self.text):
            return ()
        steps = [
            Step(
                tag,
                tuple(kind + name for kind, name in _TOKEN.findall(tokens)),
                tuple((name, value or None) for name, value in _TESTED.findall(tests)),
                ">" in combinator,
                bool(last),
            )
            for combinator, tag, tokens, tests, last in _STEP.findall(self.text)
        ]
        return tuple(steps) if all(step.tag not in _HEAD and (step.tag or step.tokens) for step in steps) else ()

    @cached_property
    def anchor(self) -> tuple[Selector, Selector] | None:
        """Return (a selector of one step, the rest to look for below it) of a selector that can be split so."""
        match = _ANCHORED.match(self.text)
        return (Selector(match[1]), Selector(self.text[match.end() :], below=True)) if match else None

    @cached_property
    def lead(self) -> tuple[str, tuple[Named, ...], Selector | None] | None:
        """Return (tag or "", what is asked, the rest) of an XPath that begins by asking for ids or classes.

        An element fits that has one of the names asked for; the rest is looked for from each such element.
        """
        match = _LEAD.fullmatch(self.text)
        if not match:
            return None
        rest = Selector(f"./self::*{match[3]}") if match[3] else None
        return match[1].strip("*"), tuple(_named(test) for test in _TEST.finditer(match[2])), rest

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
        asked, others = set(_ASKED.findall(self.text)), ("@*", "text()", ".,")
        return asked <= {"id", "class"} and not any(other in self.text for other in others)

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


def _named(test: re.Match[str]) -> Named:
    if test["word"]:
        return Named(".", test["word"], "is")
    if test["part"]:
        return Named("#" if test["of"] == "id" else ".", test["part"], "holds")
    return Named("#", test["start"], "begins") if test["start"] else Named("#", test["id"], "is")


def _is_xpath(text: str) -> bool:
    return text.startswith(("/", "./", "(", "id("))
