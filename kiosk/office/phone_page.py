"""The page that a phone shows after scanning: one document, one button, no script, nothing personal on it."""

from functools import cache
from html import escape
from pathlib import Path

from babel.messages.pofile import read_po

from kiosk.office.hand_over import Waiting
from kiosk.office.kinds import KINDS

_TEXTS = Path(__file__).resolve().parents[2] / "assets" / "texts"
LANGUAGES = ("id", "en")

HEADERS = {
    "Cache-Control": "no-store, max-age=0",
    "Pragma": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'",
}

_STYLE = """
:root{--ground:#FBF7EF;--ink:#1B1A17;--soft:#3A3A3A;--primary:#00403C;--line:#D9CFBD}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);
font:18px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:30rem;margin:0 auto;padding:1.5rem 1.25rem 3rem;min-height:100vh;display:flex;flex-direction:column}
header{display:flex;justify-content:space-between;align-items:center;gap:1rem;
padding-bottom:1rem;border-bottom:1px solid var(--line)}
header b{color:var(--primary);font-size:1rem}
nav a{display:inline-block;min-width:3rem;padding:.7rem .5rem;text-align:center;color:var(--primary)}
nav a[aria-current]{font-weight:700;text-decoration:none;border-bottom:3px solid var(--primary)}
h1{font-size:1.9rem;line-height:1.2;margin:2rem 0 .5rem}
.what{font-size:1.35rem;font-weight:700;color:var(--primary);margin:0 0 1.25rem}
p{margin:0 0 1rem}
button{width:100%;min-height:4rem;margin:.75rem 0 1.25rem;border:0;border-radius:.9rem;background:var(--primary);
color:#fff;font:700 1.3rem system-ui,sans-serif}
button:active{background:#002E2B}
button:focus-visible,a:focus-visible{outline:4px solid #8A5A00;outline-offset:3px}
.soft{color:var(--soft);font-size:1rem}
footer{margin-top:auto;padding-top:1.5rem;color:var(--soft);font-size:.9rem}
""".strip().replace("\n", "")


@cache
def _catalogue(language: str) -> dict[str, str]:
    with (_TEXTS / language / "office.po").open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file, abort_invalid=True) if m.id}


def language_of(wanted: str | None, accepted: str | None) -> str:
    """What was asked for; else English for phones that prefer it over Indonesian; else Indonesian."""
    if wanted in LANGUAGES:
        return wanted
    for part in (accepted or "").split(","):
        code = part.split(";")[0].strip().lower()[:2]
        if code in LANGUAGES:
            return code
    return "id"


def ready_page(language: str, token: str, waiting: Waiting) -> str:
    say = _catalogue(language)
    minutes = max(1, round(waiting.left_s / 60))
    title = KINDS[waiting.kind].title.in_language(language)
    return _page(
        language,
        f"<h1>{escape(say['phone.ready'])}</h1><p class=what>{escape(title)}</p>"
        f"<p>{escape(say['phone.how'])}</p>"
        f'<form method="post" action="/h/{escape(token)}?lang={language}">'
        f"<button type=submit>{escape(say['phone.download'])}</button></form>"
        f"<p class=soft>{escape(say['phone.once'].format(minutes=minutes))}</p>"
        f"<p class=soft>{escape(say['phone.care'])}</p>",
    )


def gone_page(language: str, reason: str) -> str:
    """``reason``: unknown, expired or used."""
    say = _catalogue(language)
    return _page(language, f"<h1>{escape(say[f'phone.{reason}'])}</h1><p>{escape(say[f'phone.{reason}.do'])}</p>")


def _page(language: str, content: str) -> str:
    say = _catalogue(language)
    links = "".join(
        f'<a href="?lang={code}" lang="{code}"{" aria-current=true" if code == language else ""}>{code.upper()}</a>'
        for code in LANGUAGES
    )
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(say['phone.office'])}</title><style>{_STYLE}</style></head><body><main>"
        f"<header><b>{escape(say['phone.office'])}</b><nav>{links}</nav></header>{content}"
        f"<footer>{escape(say['phone.free'])}<br>{escape(say['phone.sample'])}</footer></main></body></html>"
    )
