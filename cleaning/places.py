"""Elements of several pages of one site, made comparable: how much of each is new text, and by what names it is found.

A *locator* is a selector by which the same place is found on other pages of the site: a stable id or class, a stable
beginning of a generated one, an attribute, or the path from such an element or from the root. Names count as stable if
another page has them too; names that are generated anew for each page drop out by themselves.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from lxml import etree

from cleaning.decoding import decode
from cleaning.document import parse
from cleaning.markup import traits
from cleaning.punctuation import has_full_stop
from cleaning.vietnamese import fold, squash

_SKIPPED = frozenset({"script", "style", "noscript", "template", "select", "option", "textarea", "svg"})
_ATTRIBUTES = ("itemprop", "role", "property", "data-automation-id", "data-testid", "data-role", "data-type")
_DIGITS = re.compile(r"\d+(?:[.,  ]\d+)*")
_GENERATED = re.compile(r"^(.*[a-zA-Z]{3,}.*?[-_]+)(?=[^-_]*\d|[^-_]*[a-z][A-Z])[A-Za-z0-9-_]{3,}$")
_IDENT = re.compile(r"-?[A-Za-z_][\w-]*")
_RANKS = ("#", "[", ".", "^", "/")  # from the surest kind of locator to the least sure
_DEEPEST_PATH = 5
_LARGEST = 20_000  # elements
_SHAPES = (("p", 1), ("br", 1), ("div", 3))
_STEP = re.compile(r"([\w:-]+)\[(\d+)\]")
_FORMS = tuple(
    (re.compile(pattern), form)
    for pattern, form in (
        (r"\[contains\(concat\(' ', @class, ' '\), ' ([^']+) '\)\]", r".\1"),
        (r"\[contains\(concat\(' ', @class\), ' ([^']+)'\)\]", r"[class*='\1']"),
        (r"\[starts-with\(@id, '([^']+)'\)\]", r"[id^='\1']"),
        (r"\[@", "["),
    )
)
LONG = 400  # letters that no date, lead or button row has
PROSE = 60  # letters that make a text node prose


@dataclass
class Place:
    """One element of one page: letters of its text, of links in it, of text (and prose) new to the site."""

    element: etree._Element
    number: int
    parent: int
    path: str
    last: int = 0  # number of its last descendant
    letters: int = 0
    linked: int = 0
    new: int = 0
    prose: int = 0
    hidden: bool = False
    locators: list[str] = field(default_factory=list)

    @cached_property
    def text(self) -> str:
        """Return its whole text, white space made one space."""
        return squash("".join(_texts(self.element)))


@dataclass(frozen=True)
class Run:
    """One text node: where it stands, its letters, its digit-masked form, whether it is part of a link.

    `after` counts the child places before it, so that texts between line breaks have their order too.
    """

    place: int
    letters: int
    masked: str
    linked: bool
    sentence: bool = False
    after: int = 0


@dataclass
class SitePage:
    """A page taken apart."""

    url: str
    head_titles: tuple[str, ...]
    places: list[Place]
    runs: list[Run]
    heads: tuple[str, ...] = ()  # folded, without those that most pages have
    seen: Counter[str] = field(default_factory=Counter)  # on how many pages a text stands that is no link
    menu: Counter[str] = field(default_factory=Counter)  # on how many pages a text is a link
    often: int = 2
    first: dict[str, int] = field(default_factory=dict)  # by locator the number of the first place
    count: Counter[str] = field(default_factory=Counter)
    prose_letters: int = 0

    def at(self, locator: str) -> Place | None:
        """Return the first place of a locator."""
        number = self.first.get(locator)
        return None if number is None else self.places[number]

    def within(self, place: Place) -> Iterator[Place]:
        """Yield the place and everything in it, in page order."""
        yield from self.places[place.number : place.last + 1]

    @cached_property
    def numbers(self) -> dict[etree._Element, int]:
        """Return the places' numbers by their element."""
        return {place.element: place.number for place in self.places}

    def match(self, xpath: str) -> list[Place]:
        """Return the places that an absolute XPath finds."""
        found = self.places[0].element.getroottree().xpath(xpath)
        elements = [node for node in found if isinstance(node, etree._Element)] if isinstance(found, list) else []
        numbers = [self.numbers.get(element) for element in elements]
        return [self.places[number] for number in numbers if number is not None]

    def is_new(self, run: Run) -> bool:
        """Tell whether a text is the page's own: no link, and on few other pages."""
        return not run.linked and run.letters > 1 and self.seen[run.masked] < self.often

    def begin(self, run: Run) -> int:
        """Return the number from which places stand after a text's beginning."""
        return self._last_before(run) + 1 if run.after else run.place

    def _last_before(self, run: Run) -> int:
        return self.places[self.children[run.place][run.after - 1]].last

    @cached_property
    def children(self) -> dict[int, list[int]]:
        """Return the numbers of each place's children."""
        found: dict[int, list[int]] = {}
        for place in self.places:
            found.setdefault(place.parent, []).append(place.number)
        return found


def take_apart(url: str, body: bytes) -> SitePage | None:
    """Return a page's places, or None for one that has no body element or is too large to compare."""
    root, _ = parse(decode(body, None).text.encode("utf-8", "replace"))
    tree_body = root.find("body") if root is not None else None
    if root is None or tree_body is None:
        return None
    heads = (
        root.xpath("string(//meta[@property='og:title']/@content)"),
        root.xpath("string(//head/title)"),
    )
    page = SitePage(url, tuple(head for text in heads if (head := squash(str(text)))), [], [])
    if sum(1 for _ in islice(tree_body.iter(), _LARGEST)) == _LARGEST:
        return None
    _walk(page, tree_body)
    for place in reversed(page.places):
        if place.parent >= 0:
            above = page.places[place.parent]
            above.letters += place.letters
            above.linked += place.linked
            above.last = max(above.last, place.last)
    page.runs.sort(key=lambda run: (page.begin(run), -run.place))
    return page


def compare(pages: Sequence[SitePage]) -> None:
    """Note for each place how many letters are new (on few other pages, not linked), and give it its locators."""
    often = max(2, -(-2 * len(pages) // 5))
    seen = Counter(masked for page in pages for masked in {run.masked for run in page.runs if not run.linked})
    menu = Counter(masked for page in pages for masked in {run.masked for run in page.runs if run.linked})
    heads = Counter(head for page in pages for head in {mask(head) for head in page.head_titles})
    names = Counter(
        name for page in pages for name in {name for place in page.places for name in _names(place.element)}
    )
    for page in pages:
        page.first, page.count, page.prose_letters = {}, Counter(), 0
        page.seen, page.menu, page.often = seen, menu, often
        page.heads = tuple(fold(head) for head in page.head_titles if heads[mask(head)] < often)
        for place in page.places:
            place.new = place.prose = 0
        for run in page.runs:
            if page.is_new(run):
                page.places[run.place].new += run.letters
                if run.letters >= PROSE:
                    page.places[run.place].prose += run.letters
                    page.prose_letters += run.letters
        for place in reversed(page.places):
            if place.parent >= 0:
                page.places[place.parent].new += place.new
                page.places[place.parent].prose += place.prose
        _locate(page, names)


def rank(locator: str) -> tuple[int, int]:
    """Order locators: ids, attributes, classes, beginnings of names, paths; the shorter first."""
    kind = "/" if locator.startswith("/") and "[@" not in locator[:14] and "contains" not in locator else locator[0]
    if locator.startswith("//"):
        kind = "/" if "]/" in locator else "^"
    elif "." in locator and not locator.startswith(("#", "/")):
        kind = "."
    elif "[" in locator and not locator.startswith(("#", "/")):
        kind = "["
    return _RANKS.index(kind) if kind in _RANKS else len(_RANKS), len(locator)


def as_css(locator: str) -> str:
    """Return a locator as CSS, which can name an attribute to read."""
    if not locator.startswith("/"):
        return locator
    css = _STEP.sub(r"\1:nth-of-type(\2)", locator.removeprefix("/html/").removeprefix("//"))
    for pattern, form in _FORMS:
        css = pattern.sub(form, css)
    return " > ".join(css.split("/"))


def mask(text: str) -> str:
    """Return the text folded, each number made one sign: what repeats on a site apart from its numbers."""
    return _DIGITS.sub("0", fold(text))


def _walk(page: SitePage, top: etree._Element) -> None:
    """Collect places and runs, without recursion: pages nest as deep as they like."""
    stack: list[tuple[etree._Element, int, str, bool, bool]] = [(top, -1, "/html/body", False, False)]
    while stack:
        element, above, where, linked, hidden = stack.pop()
        number = len(page.places)
        linked = linked or element.tag == "a"
        hidden = hidden or _is_hidden(element)
        page.places.append(Place(element, number, above, where, last=number, hidden=hidden))
        positions: Counter[str] = Counter()
        children = []
        texts = [(element.text, 0)]
        for child in element:
            tag = child.tag
            if isinstance(tag, str) and tag not in _SKIPPED:
                positions[tag] += 1
                children.append((child, number, f"{where}/{tag}[{positions[tag]}]", linked, hidden))
            texts.append((child.tail, len(children)))
        if not hidden:
            page.runs += _runs(page.places[number], texts, linked=linked)
        stack.extend(reversed(children))


def _runs(place: Place, texts: Iterable[tuple[str | None, int]], *, linked: bool) -> Iterator[Run]:
    for text, after in texts:
        words = squash(text) if text else ""
        if words:
            place.letters += len(words)
            place.linked += len(words) if linked else 0
            yield Run(place.number, len(words), mask(words), linked, has_full_stop(words), after)


def _is_hidden(element: etree._Element) -> bool:
    get = element.attrib.get
    return "hidden" in element.attrib or traits(str(element.tag), get("class"), get("id"), get("style"), None).hidden


def _names(element: etree._Element) -> set[str]:
    """Return what an element is called: `#id`, `.class`, `[attribute=value]`, and beginnings of generated names."""
    names: set[str] = set()
    identity = element.get("id")
    if identity:
        names.add("#" + identity)
    for word in (element.get("class") or "").split():
        names.add("." + word)
        generated = _GENERATED.match(word)
        if generated:
            names.add("^." + generated[1])
    if identity:
        generated = _GENERATED.match(identity)
        if generated:
            names.add("^#" + generated[1])
    for attribute in _ATTRIBUTES:
        value = element.get(attribute)
        if value and len(value) <= 40 and "'" not in value:
            names.add(f"[{attribute}='{value}']")
    return names


def _locate(page: SitePage, names: Counter[str]) -> None:
    anchors: dict[int, str] = {}
    own: list[list[str]] = []
    for place in page.places:
        stable = sorted(name for name in _names(place.element) if names[name] > 1)
        own.append([locator for name in stable if (locator := _selector(str(place.element.tag), name))])
        page.count.update(set(own[-1]))
    for place, locators in zip(page.places, own, strict=True):
        single = [locator for locator in locators if page.count[locator] == 1]
        if single:
            anchors[place.number] = min(single, key=rank)
        place.locators = [*locators, place.path, *_relative(page, place, anchors), *_by_shape(place)]
        for locator in place.locators:
            page.first.setdefault(locator, place.number)
    for place, locators in zip(page.places, own, strict=True):
        page.count.update(set(place.locators) - set(locators))


def _by_shape(place: Place) -> Iterator[str]:
    """Yield the parent's path with what the element has in it, or with its place among its like from the end.

    Where nothing has a lasting name, an element that only some pages have moves those after it.
    """
    parent = place.element.getparent()
    if place.parent < 0 or parent is None or not place.letters:
        return
    tag, above = place.element.tag, place.path.rpartition("/")[0]
    for child, least in _SHAPES:
        if len(place.element.findall(child)) > least:
            yield f"{above}/{tag}[count({child}) > {least}]"
    if place.letters > LONG:
        yield f"{above}/{tag}[string-length(normalize-space(.)) > {LONG}]"
    following = sum(1 for sibling in place.element.itersiblings(tag))
    yield f"{above}/{tag}[last(){f' - {following}' if following else ''}]"


def _relative(page: SitePage, place: Place, anchors: dict[int, str]) -> list[str]:
    """Return the path from the nearest named ancestor."""
    steps = place.path.split("/")
    above = place.parent
    for depth in range(1, _DEEPEST_PATH + 1):
        if above < 0:
            return []
        if above in anchors:
            return [as_xpath(anchors[above]) + "/" + "/".join(steps[-depth:])]
        above = page.places[above].parent
    return []


def _selector(tag: str, name: str) -> str | None:
    if name.startswith("#"):
        return name if _IDENT.fullmatch(name[1:]) else _by_attribute("*", "id", name[1:])
    if name.startswith("."):
        return tag + name if _IDENT.fullmatch(name[1:]) else None
    if name.startswith("["):
        return tag + name
    beginning = name[2:]
    if "'" in beginning:
        return None
    if name[1] == "#":
        return f"//{tag}[starts-with(@id, '{beginning}')]"
    return f"//{tag}[contains(concat(' ', @class), ' {beginning}')]"


def _by_attribute(tag: str, attribute: str, value: str) -> str | None:
    return None if "'" in value else f"//{tag}[@{attribute}='{value}']"


def as_xpath(locator: str) -> str:
    """Return a locator as XPath, from which a path can go on."""
    if locator.startswith("/"):
        return locator
    if locator.startswith("#"):
        return f"//*[@id='{locator[1:]}']"
    tag, dot, word = locator.partition(".")
    if dot and "[" not in tag:
        return f"//{tag}[contains(concat(' ', @class, ' '), ' {word} ')]"
    tag, _, rest = locator.partition("[")
    return f"//{tag}[@{rest}"


def _texts(element: etree._Element) -> Iterator[str]:
    for node in element.iter():
        if isinstance(node.tag, str) and node.tag not in _SKIPPED and node.text:
            yield node.text
        if node is not element and node.tail:
            yield node.tail
