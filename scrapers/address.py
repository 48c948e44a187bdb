"""The part of an address that tells pages apart: what sessions, trackers, case and servers add is taken off."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

from scrapers.portal import Portal, place

TRACKING = re.compile(
    r"(?:utm_\w+|fbclid|gclid|dclid|zclid|yclid|msclkid|igshid|mc_[ce]id|_ga|_gl|zarsrc|gidzl|_openstat|hsa_\w+"
    r"|ref|ref_src|from|share|amp|source|spm|cmpid|replytocom|highlight|inheritredirect|redirect|plidlayout"
    r"|cache|nocache|rand|random|_|t?s?timestamp|pageindex|backurl|returnurl|sessionid|session|sid|phpsessid"
    r"|jsessionid|aspsessionid\w*|cfid|cftoken|nvvithemever|nv_redirect|_adf\.\w[\w-]*|_afr\w+|wc\.contextURL|checkss)",
    re.IGNORECASE,
)
"""Query parameters that never choose an article: trackers, sessions, WebCenter's and Liferay's state."""

SESSION_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?#]*|/\((?:[A-Z]\([^()/]*\))+\)", re.IGNORECASE)
"""`;jsessionid=…` and ASP.NET's cookieless `(S(…))`, `(X(1)A(…)S(…))`."""

_FRONT = re.compile(r"/index\.php(?=/)", re.IGNORECASE)
_INDEX = re.compile(r"/(?:index|default|home)\.(?:html?|php|aspx?|jsp)$", re.IGNORECASE)


def path_key(url: str, portal: Portal) -> str:
    """Return the part of an address that tells articles apart where the CMS shows no id: path and query, folded."""
    parts = urlsplit(SESSION_PATH.sub("", url))
    path = _FRONT.sub("", _INDEX.sub("/", re.sub(r"/{2,}", "/", parts.path))).rstrip("/").lower() or "/"
    host = place(url)[0]
    prefix = max((own for name, own in portal.places if name == host and path.startswith(own)), key=len, default="")
    path = path[len(prefix) :] or "/"
    kept = sorted(
        f"{name.lower()}={value.lower()}"
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not TRACKING.fullmatch(name)
    )
    return path + ("?" + "&".join(kept) if kept else "")
