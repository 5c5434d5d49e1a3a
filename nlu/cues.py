"""What can be told of a message without learning, as numbers beside its words: does it count goods, ask, take back?"""

from __future__ import annotations

import re

from nlu.addresses import find_address
from nlu.normalization import without_accents
from nlu.options import find_option
from nlu.order_lines import parse_order_lines
from nlu.order_numbers import find_order_numbers
from nlu.payment_methods import find_payment_method

#: Families of word beginnings that part wishes whose products are the same.
_FAMILIES = [
    re.compile(rf"\b(?:{family})")
    for family in (
        # taking away
        r"quit|sac[aeo]|saqu|elimin|borr|retir|remuev|descart|restal|resteme?|restel|kit[ae]|descuent|olvid|menos\b"
        r"|remove|delete|take|drop|rid\b|scratch|minus|^(?:mejor )?(?:sin|without)\b"
        r"|ya no|no (?:me )?(?:lo |la )?(?:mand|pong|llev|quier|inclu|agreg)|do ?n['’]?t|no longer|leave out",
        # asking for
        r"agreg|anad|adicion|sum[ae]|pon|dame|deme|regal|mand|trae|traig|envi|quier|quisier|necesit|ocup|ech[ae]|add|get|want"
        r"|need|bring|send|give|take|i'?d like",
        # putting right
        r"mejor|cambi|en vez|en lugar|era|sea|solo|prefier|equivo|correc|corrij|instead|change|swap"
        r"|make (?:it|that)|actually|only|meant|not",
        # price
        r"cuant[oa]\b|cuesta|vale|precio|valor|a como|how much|price|cost",
        # stock
        r"tien|tend|hay|vend|manej|queda|consig|disponib|agota|have|sell|carry|stock|any|left|available",
        # all of it
        r"todo|everything|all\b|cero|nuevo|over\b",
        # as before
        r"ayer|antier|anterior|pasad[oa]|ultim[oa]|siempre|otra vez|mism[oa]"
        r"|yesterday|last\b|usual|previous|again|same\b",
        # an order placed
        r"pedido|orden|compra|envio|domicilio|order|delivery|purchase",
        r"cancel|anul|undo",
        # where and when
        r"donde|cuando|hora|demor|tard|where|when|how long|what time",
        # money owed
        r"pag|cuenta|deud|deb[oe]|saldo|abon|pay|paid|owe|balance",
        # giving back
        r"devol|devuel|reembols|reintegr|return|refund|money back",
        r"persona|asesor|human|agente|alguien|person|agent|someone|manager",
        r"mensaj|notific|promo|oferta|publicidad|suscri|subscri|messag|text|list",
        # a coupon
        r"cupon|codigo|coupon|code\b|voucher|descuento|discount",
        r"bot\b|robot|maquina|machine",
        # yes and no
        r"si\b|claro|dale|listo|ok|correct|yes|yeah|sure",
        r"no\b|nop|nunca|ningun|nah|none|never",
    )
]
_GRAMMAR_CUES = 13
COUNT = _GRAMMAR_CUES + len(_FAMILIES)


def cues(text: str, language: str) -> list[float]:
    """`COUNT` numbers from 0 to 1: what the grammars find in `text`, its length, the families of its words."""
    lines = parse_order_lines(text, language)
    words = len(text.split())
    plain = without_accents(text)
    seen = [
        bool(find_order_numbers(text)),
        find_address(text) is not None,
        find_payment_method(text) is not None,
        words <= 4 and find_option(text) is not None,
        any(line.quantity_given and line.text for line in lines),
        any(line.unit for line in lines),
        min(len(lines), 4) / 4,
        any(line.old_quantity or line.old_text for line in lines),
        "?" in text,
        words == 1,
        words <= 3,
        min(words, 12) / 12,
        not lines,
    ]
    assert len(seen) == _GRAMMAR_CUES
    return [float(cue) for cue in (*seen, *(family.search(plain) is not None for family in _FAMILIES))]
