"""Bad pages and bad servers: what each sends, and the outcome the archive must name it by.

Every case is an article's address on one portal. `outcomes` are the names of `archive.schema.OUTCOMES` that are right
for it; `none` means that nothing may be asked or stored at all. `keeps` is a sentence that must be in the stored body.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from tests.hostile.raw import Answer, Talk, literal, redirect, whole
from tests.test_decoding import in_font, windows_1258

SENTENCES = (
    "Sáng nay, tổ thủy nông xóm Đồng Quýt khơi lại con mương cạn, nước về đến tận chân ruộng cuối.",
    "Người dân góp tre làm cọc, thanh niên lội bùn vét rác, việc xong trước khi trời đứng bóng.",
    "Ông tổ trưởng bảo vụ này không còn lo hạn, chỉ mong giá lúa giữ được như năm ngoái.",
)


@dataclass(frozen=True)
class Case:
    """`flagged`: the row must carry a flag unless its text is right to the letter.

    `cut`: the row must say so, by its outcome or, where half an article is better than none, by a flag.
    """

    answer: Answer
    outcomes: frozenset[str]
    keeps: str | None = None
    flagged: bool = False
    cut: bool = False


def page(name: str, sentences: tuple[str, ...] = SENTENCES, head: str = "", extra: str = "") -> str:
    """Return an ordinary article page; the case's name makes its text differ from the others'."""
    prose = "".join(f"<p>{sentence}</p>" for sentence in (*sentences, f"Mã tin: {name.replace('-', ' ')}."))
    return (
        f"<!DOCTYPE html><html lang='vi'><head>{head}<title>Tin {name}</title></head><body><div class='menu'>"
        f"<a href='/'>Trang chủ</a></div><div class='article'><h1>Khơi mương dẫn nước về đồng ({name})</h1>"
        f"<div class='date'>08/09/2023 07:42</div><div class='content'>{prose}{extra}</div></div>"
        "<div class='footer'>Bản quyền thuộc về cổng thông tin</div></body></html>"
    )


def _good(name: str) -> bytes:
    return page(name).encode()


def _head(*lines: str) -> bytes:
    return ("HTTP/1.1 200 OK\r\n" + "".join(line + "\r\n" for line in lines) + "\r\n").encode("latin-1")


_HTML = "Content-Type: text/html; charset=utf-8"
_CLOSE = "Connection: close"


def _drip(data: bytes, pause: float, before: bytes = b"") -> Answer:
    def answer(talk: Talk) -> None:
        talk.send(before)
        for position in range(len(data)):
            talk.send(data[position : position + 1])
            talk.wait(pause)

    return answer


def _silent(talk: Talk) -> None:
    talk.wait(60)


def _reset(talk: Talk) -> None:
    talk.send(_head(_HTML, "Content-Length: 5000") + _good("x")[:200])
    talk.wait(0.05)
    talk.reset()


def _endless(talk: Talk) -> None:
    talk.send(_head(_HTML, _CLOSE))
    while True:
        talk.send(b"<p>" + b"tin " * 20_000 + b"</p>")


def _growing(talk: Talk) -> None:
    """Redirect for ever, each time to a new address."""
    deeper = talk.asked.target + "/x"
    redirect(deeper)(talk)


def _bomb(talk: Talk) -> None:
    """A gzip body of 1.5 GB, some 1.5 MB on the wire: the same megabyte, member after member."""
    member = gzip.compress(b"0" * (1 << 20), mtime=0)
    talk.send(_head(_HTML, "Content-Encoding: gzip", _CLOSE) + member * 1500)


def _heavy(talk: Talk) -> None:
    """A page of 50 MB that says so."""
    talk.send(_head(_HTML, f"Content-Length: {50 << 20}"))
    for _ in range(50):
        talk.send(b"tin " * (1 << 18))


def _gzipped(body: bytes, **lies: str) -> Answer:
    return whole(body, headers={"Content-Encoding": "gzip", **lies})


def cut_gzip(name: str, share: float) -> Answer:
    """A gzip body that ends early while its Content-Length says it is complete."""
    packed = gzip.compress(_good(name) * 3, mtime=0)
    return _gzipped(packed[: int(len(packed) * share)])


def _nested(depth: int) -> bytes:
    return page(f"long-{depth}", (), extra="<div>" * depth + f"<p>{SENTENCES[0]}</p>" + "</div>" * depth).encode()


def _text(name: str, encode: Callable[[str], bytes], content_type: str = "text/html") -> Answer:
    return whole(encode(page(name)), content_type)


def _font(name: str, text: str) -> bytes:
    return in_font(name)(text).encode("cp1252", "xmlcharrefreplace")


def _cases() -> Iterator[tuple[str, Case]]:
    ok, doubtful = frozenset({"ok"}), frozenset({"ok", "doubtful"})
    nothing = frozenset({"no-article", "soft-404", "doubtful"})
    broken = frozenset({"net-error", "truncated", "http-error"})
    first = SENTENCES[0]

    def case(
        name: str, answer: Answer, outcomes: frozenset[str], keeps: str | None = None, flagged: bool = False
    ) -> tuple[str, Case]:
        return name, Case(answer, outcomes, keeps, flagged)

    def cut(name: str, answer: Answer) -> tuple[str, Case]:
        return name, Case(answer, broken | nothing | ok, cut=True)

    # --- letters
    yield case("charset-lie", _text("charset-lie", str.encode, "text/html; charset=iso-8859-1"), ok, first)
    yield case("charset-none", whole(_good("charset-none"), "text/html"), ok, first)
    yield case("charset-bogus", whole(_good("charset-bogus"), "text/html; charset=x-vietnam-9"), ok, first)
    yield case("tcvn3", _text("tcvn3", partial(_font, "tcvn3")), doubtful, first, flagged=True)
    yield case("vni", _text("vni", partial(_font, "vni")), doubtful, first, flagged=True)
    yield case("windows-1258", _text("windows-1258", windows_1258, "text/html; charset=windows-1258"), doubtful, first)
    yield case("utf-16", _text("utf-16", lambda text: text.encode("utf-16-le")), doubtful, first)
    yield case("nul", whole(_good("nul").replace(b"con m", b"con\x00 m")), doubtful, flagged=True)
    yield case("broken-utf8", whole(_good("broken-utf8").replace(b"con m", b"con \xff\xc3m")), doubtful, flagged=True)
    yield case("surrogates", whole(page("surrogates", extra="<p>&#xD800;&#x110000;&#0; hết.</p>").encode()), ok, first)
    invisible = page("zero-width").replace("xóm", "xo\u0301m").replace("con mương", "con\u200b mương\u202e\u202c")
    yield case("zero-width", whole(invisible.encode()), ok, first)
    # --- lengths and codings
    yield case("gzip-lie", _gzipped(_good("gzip-lie")), ok | broken)
    yield case("gzip-good", _gzipped(gzip.compress(_good("gzip-good"), mtime=0)), ok, first)
    yield case("gzip-tail", _gzipped(gzip.compress(_good("gzip-tail"), mtime=0) + b"rubbish"), ok | broken)
    yield cut("gzip-cut", cut_gzip("gzip-cut", 0.5))
    yield case("gzip-crc", _gzipped(gzip.compress(_good("gzip-crc"), mtime=0)[:-8] + b"\0" * 8), ok | broken)
    yield case("gzip-bomb", _bomb, frozenset({"too-big", "net-error"}))
    yield case("unknown-coding", whole(_good("unknown-coding"), headers={"Content-Encoding": "x-secret"}), ok | broken)
    yield case("fifty-mb", _heavy, frozenset({"too-big"}))
    yield case("endless", _endless, frozenset({"too-big", "net-error"}))
    big = page("five-mb", extra="<!--" + "tin " * 1_250_000 + "-->").encode()
    yield case("five-mb", whole(big), frozenset({"ok", "too-big", "doubtful", "truncated", "no-article"}))
    yield cut("short-body", whole(_good("short-body")[:500], headers={"Content-Length": "50000"}))
    yield case("long-body", whole(_good("long-body"), headers={"Content-Length": "300"}), broken | nothing)
    yield case("no-length", literal(_head(_HTML, _CLOSE) + _good("no-length")), ok, first)
    yield case("minus-length", literal(_head(_HTML, "Content-Length: -5") + _good("minus-length")), ok | broken)
    two = _head(_HTML, "Content-Length: 10", "Content-Length: 9999") + _good("two-lengths")
    yield case("two-lengths", literal(two), broken | nothing)
    chunked = _head(_HTML, "Transfer-Encoding: chunked")
    yield cut("chunk-junk", literal(chunked + b"zz\r\n" + _good("chunk-junk")))
    yield cut("chunk-cut", literal(chunked + b"1000\r\n" + _good("chunk-cut")[:300]))
    yield cut("chunk-huge", literal(chunked + b"ffffffffffffffff\r\n" + _good("chunk-huge")))
    # --- time
    net = frozenset({"net-error"})
    yield case("slowloris", _drip(_good("slowloris"), 1.0, _head(_HTML, "Content-Length: 900")), broken)
    yield case("slow-head", _drip(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + b"x" * 500, 0.5), net)
    yield case("silence", _silent, net)
    yield case("hang-up", literal(b""), net)
    yield cut("reset", _reset)
    # --- heads
    yield case("http-0-9", literal(_good("http-0-9")), broken)
    yield case("not-http", literal(b"SSH-2.0-OpenSSH_8.0\r\n"), net)
    yield case("bad-header", literal(_head(_HTML, "X-\xff\xfe\x01 y", _CLOSE) + _good("bad-header")), ok | broken)
    yield case("no-colon", literal(_head(_HTML, "no colon here", _CLOSE) + _good("no-colon")), ok | broken)
    yield case("fat-header", literal(_head(_HTML, "X-Fat: " + "a" * 2_000_000) + _good("fat-header")), ok | broken)
    many = [f"X-{number}: {number}" for number in range(20_000)]
    yield case("many-headers", literal(_head(_HTML, _CLOSE, *many) + _good("many-headers")), ok | broken)
    yield case("status-999", whole(_good("status-999"), status="999 Odd"), broken)
    yield case("status-nan", literal(b"HTTP/1.1 abc OK\r\n\r\n" + _good("status-nan")), net)
    yield case("continue-only", literal(b"HTTP/1.1 100 Continue\r\n\r\n"), net)
    yield case("no-content", literal(b"HTTP/1.1 204 No Content\r\n\r\n"), nothing | broken)
    yield case("set-cookies", whole(_good("set-cookies"), headers={"Set-Cookie": "a=" + "b" * 100_000}), ok | broken)
    # --- redirects
    lost = frozenset({"redirect", "net-error", "http-error", "blocked-target"})
    yield case("loop-self", redirect("/tin/loop-self"), lost)
    yield case("loop-two", redirect("/ngoai/loop-two"), lost)
    yield case("loop-grows", _growing, lost)
    for name, location in {
        "to-file": "file:///etc/passwd", "to-ftp": "ftp://127.0.0.1/tin", "to-script": "javascript:alert(1)",
        "to-nothing": "", "to-half": "http://[::1", "to-data": "data:text/html,<h1>tin</h1>",
    }.items():  # fmt: skip
        yield case(name, redirect(location), lost | nothing)
    yield case("to-bytes", redirect(b"/tin/\xff\xfe\x80"), lost)
    yield case("to-home", redirect("/"), frozenset({"redirect", "soft-404"}))
    # --- what is no page
    pdf = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(range(256)) * 40
    yield case("pdf-as-html", whole(pdf), nothing)
    yield case("zip-as-html", whole(b"PK\x03\x04" + bytes(range(256)) * 40), nothing)
    yield case("html-as-octets", whole(_good("html-as-octets"), "application/octet-stream"), ok, first)
    yield case("html-as-text", whole(_good("html-as-text"), "text/plain; charset=utf-8"), doubtful)
    yield case("empty", whole(b""), nothing)
    yield case("blank", whole(b" \r\n" * 500), nothing)
    yield case("json", whole(b'{"Message":"An error has occurred."}'), nothing)
    asp = "<html><head><title>Runtime Error</title></head><body><h1>Server Error in '/' Application.</h1>" \
        "<p>Object reference not set to an instance of an object.</p></body></html>"  # fmt: skip
    yield case("asp-error", whole(asp.encode()), nothing)
    php = "<br />\n<b>Fatal error</b>:  Allowed memory size of 134217728 bytes exhausted in <b>/home/index.php</b>"
    yield case("php-error", whole(php.encode()), nothing)
    shell = "<html><body><h1>Thông báo</h1><p>Bài viết không tồn tại hoặc đã bị xóa.</p></body></html>"
    yield case("soft-404", whole(shell.encode()), nothing)
    frames = b"<html><frameset cols='50%,50%'><frame src='/a.htm'><frame src='/b.htm'></frameset></html>"
    yield case("frames", whole(frames), nothing)
    challenge = (
        "<html><head><title>Just a moment...</title></head><body><div id='cf-wrapper'>Checking your browser</div>"
        "<script src='/cdn-cgi/challenge-platform/h/b/orchestrate/jsch/v1'></script></body></html>"
    )
    yield case("challenge", whole(challenge.encode(), status="403 Forbidden"), frozenset({"http-error"}))
    # --- markup
    yield case("nested-10000", whole(_nested(10_000)), doubtful | nothing, flagged=True)
    yield case("nested-200000", whole(_nested(200_000)), doubtful | nothing)
    unclosed = page("unclosed", head="<script>var a = '").encode()
    yield case("unclosed", whole(unclosed), doubtful | nothing)
    yield case(
        "comment", whole(_good("comment").replace(b"<div class='menu'>", b"<!-- never ends ")), doubtful | nothing
    )
    laughs = "<!DOCTYPE html [<!ENTITY a 'ha'>" + "".join(
        f"<!ENTITY a{n} '{f'&a{n - 1 if n else str()};' * 10}'>" for n in range(12)
    )
    yield case("laughs", whole((laughs + "]><html><body><p>&a11;</p></body></html>").encode()), doubtful | nothing)
    fat_attribute = page("fat-attribute", extra=f"<p data-x='{'x' * 1_500_000}'>Cuối.</p>").encode()
    yield case("fat-attribute", whole(fat_attribute), doubtful | nothing, first)
    links = "".join(f"<a href='/ngoai/{number}'>{number}</a>" for number in range(12_000))
    yield case("many-links", whole(page("many-links", extra=links).encode()), doubtful | nothing)
    rows = "<table>" + "<tr><td>1</td><td>2</td></tr>" * 12_000 + "</table>"
    yield case("many-rows", whole(page("many-rows", extra=rows).encode()), doubtful)
    impossible = page("impossible-date").replace("08/09/2023 07:42", "31/02/2024 25:61").encode()
    yield case("impossible-date", whole(impossible), ok, first)
    future = page("buddhist-year").replace("08/09/2023", "08/09/2565").encode()
    yield case("buddhist-year", whole(future), ok, first)
    entities = page("entities", extra="<p>" + "&lt;script&gt;alert(1)&lt;/script&gt; " * 3 + "</p>").encode()
    yield case("entities", whole(entities), ok, first)
    # --- robbed of what it said
    yield case("gone-410", whole(b"gone", status="410 Gone"), frozenset({"http-error"}))
    ntlm = whole(b"no", status="401 Unauthorized", headers={"WWW-Authenticate": "NTLM"})
    yield case("auth", ntlm, frozenset({"http-error"}))
    yield case("server-error", whole(b"no", status="500 Internal Server Error"), frozenset({"http-error"}))
    year = whole(b"no", status="503 Service Unavailable", headers={"Retry-After": "31536000"})
    yield case("retry-year", year, frozenset({"http-error", "net-error"}))


CASES: dict[str, Case] = dict(_cases())
