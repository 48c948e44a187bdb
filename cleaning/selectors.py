"""Selectors of layouts: CSS or XPath, taken apart so that CSS can be answered from a page's names and tags.

Beside CSS there is `X < Y`: the nearest element round X that fits Y, as in `.content < :has(h1)`.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from cssselect import HTMLTranslator, SelectorError
from lxml import etree

from cleaning.markup import NAMED_TAGS

_NAME = r"(?:[\w-]|[^\x00-\x7f])+"
_PART = re.compile(
    rf"(?P<tag>\*|[a-z][a-z0-9]*)|(?P<token>[.#]{_NAME})"
    rf"|\[(?P<attribute>[\w-]+)(?:(?P<how>[*^]?)=(?:'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\"|(?P<plain>{_NAME})))?\]"
    r"|(?P<last>:last-child)|:(?P<nested>is|not|has)\(\s*"
)
_BETWEEN = re.compile(r"\s*(?P<end>,\s*|\))|\s*(?P<combinator>[<>])\s*|\s+")
_CHILD = re.compile(r">\s*")
_HEAD = frozenset({"html", "head", "title", "meta", "link", "base"})  # what is not in a page's body
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_HELD = re.compile(r"[\[ (]@([\w-]+)(?=\]| (?:or|and) )")
_ATTRIBUTE = re.compile(r"@([a-zA-Z][\w:-]*)$")
_TEST = re.compile(
    r"contains\(concat\(' ', @class, ' '\), ' (?P<word>[\w-]+) '\)|contains\(@(?P<of>class|id), '(?P<part>[^' ]+)'\)"
    r"|starts-with\(@id, '(?P<start>[^' ]+)'\)|@id='(?P<id>[^' ]+)'"
)
_ANY_TEST = f"(?:{re.sub('[?]P<[a-z]+>', '?:', _TEST.pattern)})"
_LEAD = re.compile(rf"//([a-z][a-z0-9]*|\*)\[({_ANY_TEST}(?: or {_ANY_TEST})*)\]((?:\[(?!\d|last)|/).*)?", re.S)
_UNION = re.compile(r"\s\|\s")


class Test(NamedTuple):
    """What is asked of an attribute: that it is there, or is, holds or begins with a text."""

    name: str
    how: str = "there"  # `is`, `holds`, `begins`
    text: str = ""

    @property
    def of_names(self) -> bool:
        """Tell whether a page's `#id` and `.class` answer it."""
        if not self.text or " " in self.text:
            return False
        return self.name == "id" or (self.name == "class" and self.how == "holds")

    @property
    def known_as(self) -> str | None:
        """Return the name that every element with the attribute has, if there is one."""
        return f"[{self.name}]" if self.name.startswith("data-") else None

    def names(self, names: Collection[str]) -> list[str]:
        """Return which of `#id` and `.class` fit."""
        kind = "#" if self.name == "id" else "."
        if self.how == "is":
            return [name] if (name := kind + self.text) in names else []
        if self.how == "begins":
            return [name for name in names if name.startswith(kind + self.text)]
        return [name for name in names if self.text in name and name[0] == kind]

    def fits(self, said: str | None) -> bool:
        """Tell whether an attribute's value fits; None is one that is not there."""
        if said is None:
            return False
        if self.how == "holds":
            return self.text in said
        return said.startswith(self.text) if self.how == "begins" else self.how == "there" or said == self.text


class Step(NamedTuple):
    """One compound of a selector, with how it stands to the compound before it."""

    combinator: str = " "  # ` ` in it, `>` right in it, `<` nearest round it
    tag: str = ""  # empty for any
    tokens: tuple[str, ...] = ()  # `#id` and `.class`
    tests: tuple[Test, ...] = ()
    last: bool = False  # of its parent's children
    among: tuple[tuple[Step, ...], ...] = ()  # it fits one of each `:is(…)`
    without: tuple[tuple[Step, ...], ...] = ()  # it fits none of each `:not(…)`
    holding: tuple[tuple[Step, ...], ...] = ()  # it holds one of each `:has(…)`


Path = tuple[Step, ...]


class Need(NamedTuple):
    """What a page must carry for one way to match: all of the names, a text in some name, and a word anywhere."""

    names: frozenset[str] = frozenset()
    within_names: str = ""
    word: str = ""


@dataclass(frozen=True)
class Selector:
    """One compiled selector."""

    text: str
    attribute: str | None = None

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        """Return the ways to match, one for each that a comma parts; empty for XPath, and CSS that is left to lxml."""
        if _is_xpath(self.text):
            return ()
        try:
            paths, end = _parse(self.text, 0)
        except ValueError:
            return ()
        in_body = all(step.tag not in _HEAD for path in paths for step in path)
        return paths if in_body and end == len(self.text) else ()

    @cached_property
    def lead(self) -> tuple[tuple[Path, ...], Selector | None] | None:
        """Return (what it begins with, the rest) of an XPath that begins by asking for ids or classes.

        The rest is looked for from each element found; None: the beginning is all.
        """
        match = _LEAD.fullmatch(self.text)
        if not match or _UNION.search(match[3] or ""):
            return None
        tag = match[1].strip("*")
        rest = Selector(f"./self::*{match[3]}") if match[3] else None
        return tuple((_tested(tag, test),) for test in _TEST.finditer(match[2])), rest

    @cached_property
    def needs(self) -> tuple[Need, ...]:
        """Return what a page must carry for it to match, one of them; what an XPath compares with is such a word."""
        if paths := self.paths or (self.lead[0] if self.lead else ()):
            return tuple(map(_need, paths))
        if not _is_xpath(self.text) or "not(" in self.text:
            return (Need(),)
        words = ["".join(pair).strip() for pair in _QUOTED.findall(self.text)] + _HELD.findall(self.text)
        return tuple(Need(word=word) for word in dict.fromkeys(words) if word) or (Need(),)

    @cached_property
    def names(self) -> frozenset[str]:
        """Return the names that a page must carry for it to match at all."""
        return frozenset.intersection(*(need.names for need in self.needs))

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Return texts of which a page's names must hold one for it to match; an empty one where that is not so."""
        return tuple(dict.fromkeys(min(need.names, default=need.within_names) for need in self.needs))

    @cached_property
    def name(self) -> str | None:
        """Return one of these, the longest; None where it needs none."""
        return max(self.names, key=len, default=None)

    @cached_property
    def is_named(self) -> bool:
        """Tell whether a page that carries its names need carry nothing else."""
        return self.needs == (Need(self.names),)

    @cached_property
    def token(self) -> str | None:
        """Return the one `.class` or `#id` that it asks for, and nothing else."""
        return self.text if self.paths == ((Step(tokens=(self.text,)),),) else None

    @cached_property
    def _find(self) -> etree.XPath:
        path = self.text if _is_xpath(self.text) else HTMLTranslator().css_to_xpath(self.text)
        return etree.XPath(path, smart_strings=False)

    def find(self, root: etree._Element) -> list[etree._Element]:
        """Return the elements that lxml finds below (or equal to) an element, in document order."""
        found = self._find(root)
        return [node for node in found if isinstance(node, etree._Element)] if isinstance(found, list) else []

    @classmethod
    def parse(cls, text: str) -> Selector:
        """Compile a selector, or raise ValueError saying what is wrong with it."""
        attribute = None if _is_xpath(text) else _ATTRIBUTE.search(text)
        selector = cls(text[: attribute.start()], attribute[1]) if attribute else cls(text)
        try:
            assert selector.paths or selector._find
        except (SelectorError, etree.XPathError, AssertionError) as error:
            raise ValueError(f"{text!r} is no CSS selector or XPath ({error})") from None
        return selector


def _parse(text: str, place: int, *, nested: bool = False) -> tuple[tuple[Path, ...], int]:
    """Read a list of selectors up to its end or, `nested`, its closing bracket; return it and where it ends.

    Raises ValueError for what is more than these compounds and combinators.
    """
    paths: list[Path] = []
    steps: list[Step] = []
    combinator = " "
    while True:
        if nested and (child := _CHILD.match(text, place)):
            combinator, place = ">", child.end()
        step, place = _compound(text, place, combinator)
        steps.append(step)
        between = _BETWEEN.match(text, place)
        end = between["end"] if between else ""
        place = between.end() if between else place
        combinator = (between["combinator"] if between else None) or " "
        if end is None:
            continue
        if nested and len(steps) > 1:
            raise ValueError(text)
        paths.append(tuple(steps))
        steps = []
        if not end.startswith(","):
            if nested != (end == ")"):
                raise ValueError(text)
            return tuple(paths), place


def _compound(text: str, place: int, combinator: str) -> tuple[Step, int]:
    """Read one compound; return it and where it ends."""
    tag, last, tokens, tests = "", False, list[str](), list[Test]()
    nested: dict[str, list[Path]] = {"is": [], "not": [], "has": []}
    start = place
    while part := _PART.match(text, place):
        if part["tag"] and place > start:
            raise ValueError(text)
        place = part.end()
        if part["tag"]:
            tag = part["tag"].strip("*")
        elif part["token"]:
            tokens.append(part["token"])
        elif part["attribute"]:
            tests.append(_attribute_test(part))
        elif part["last"]:
            last = True
        else:
            inner, place = _parse(text, place, nested=True)
            nested[part["nested"]].append(tuple(step for (step,) in inner))
    if place == start:
        raise ValueError(text)
    among, without, holding = (tuple(nested[kind]) for kind in ("is", "not", "has"))
    return Step(combinator, tag, tuple(tokens), tuple(tests), last, among, without, holding), place


def _attribute_test(part: re.Match[str]) -> Test:
    value = next((said for kind in ("single", "double", "plain") if (said := part[kind]) is not None), None)
    if value is None:
        return Test(part["attribute"])
    return Test(part["attribute"], {"*": "holds", "^": "begins"}.get(part["how"], "is"), value)


def _tested(tag: str, test: re.Match[str]) -> Step:
    """Return a step that asks what a test of an XPath asks."""
    if test["word"]:
        return Step(tag=tag, tokens=(f".{test['word']}",))
    if test["part"]:
        return Step(tag=tag, tests=(Test(test["of"], "holds", test["part"]),))
    how, text = ("begins", test["start"]) if test["start"] else ("is", test["id"])
    return Step(tag=tag, tests=(Test("id", how, text),))


def _need(path: Path) -> Need:
    steps = [*path, *(options[0] for step in path for options in step.holding if len(options) == 1)]
    names = {token for step in steps for token in step.tokens}
    names |= {step.tag for step in steps if step.tag in NAMED_TAGS}
    tests = [test for step in steps for test in step.tests]
    within_names = [test.text for test in tests if test.of_names]
    names |= {test.known_as for test in tests if test.known_as}
    words = [test.text or test.name for test in tests if not test.of_names and not test.known_as]
    return Need(frozenset(names), *(next(iter(texts), "") for texts in (within_names, words)))


def _is_xpath(text: str) -> bool:
    return text.startswith(("/", "./", "("))
