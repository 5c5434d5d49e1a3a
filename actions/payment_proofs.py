"""Payment proofs: the photo of a transfer's receipt goes to finance, with what the customer says of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from actions import wording
from actions.message import File, Message
from actions.questions import Answer, Kind, No, Question, Said, question_kind
from actions.turn import Turn
from actions.which_order import LISTED, ask_which, order_act, order_number
from actions.words import fold, is_refusal, plain
from backend.schemas.orders import Order
from backend.schemas.payment_proofs import NewPaymentProof, ProofDetails
from backend.schemas.payments import MAX_AMOUNT_MINOR
from backend.schemas.shop import Shop
from kernel import clock
from kernel.money import iso_exponent

# "ya pagué", "ya hice la transferencia", "aquí está el comprobante", "did you get my payment": no link is wanted.
_SAYS_PAID = re.compile(
    r"\bya (?:les? |te |lo |la )?(?:pag|hice|hizo|transf|consign|yape|deposit|vieron)"
    r"|acabo de (?:pagar|hacer|transferir)|comprobante|hice el dep|les llego|confirman el pago"
    r"|already paid|paid already|just (?:paid|made)|sent the payment|proof of payment|receipt"
    r"|did you get|confirm my payment"
)
_ORDER = re.compile(r"\bped\s?-?\s?\d+", re.IGNORECASE)
# "referencia 88213", "ref: TRX-88213", "comprobante número M1234567": what follows has a figure in it.
_REFERENCE = re.compile(
    r"\b(?:ref(?:erencia|erence)?|comprobante|recibo|receipt|aprobacion|approval|transaccion|transaction|numero|number)\b"
    r"[\s.:#]*(?:(?:es|is|de|of|el|la|the|no|nro|numero|number)\b[\s.:#]*)*"
    r"(?P<reference>(?=[a-z0-9-]*\d)[a-z0-9][a-z0-9-]{3,39})\b",
)
# "$45.000", "45.000", "45000", "45 mil"; not "1000 g", and no figure inside a word.
_AMOUNT = re.compile(
    r"(?<![\w.,-])(?:\$\s*(?P<marked>\d[\d.,]*)|(?P<thousands>\d{1,4}(?:[.,]\d{1,2})?)\s*mil\b"
    r"|(?P<plain>\d{1,3}(?:[.,]\d{3})+(?:[.,]\d{2})?|\d{4,9})(?!\s?(?:g|kg|gramos?|ml|cc)\b))(?![\w-])"
)
_DAYS = (("anteayer", 2), ("antier", 2), ("antes de ayer", 2), ("ayer", 1), ("yesterday", 1), ("hoy", 0), ("today", 0))
_WISHES = frozenset({"cart_add", "cart_change", "cart_remove"})


def says_paid(text: str) -> bool:
    return bool(_SAYS_PAID.search(fold(text)))


async def take_proof(turn: Turn, *, is_said: bool) -> bool:
    """Whether the files of the message are taken as proof that an order was paid.

    `is_said`: the customer says so; without that only an order that waits for a transfer can be meant.
    """
    number = order_number(turn.message)
    orders = [await turn.oms.order(number)] if number else await turn.oms.orders()
    unpaid = [order for order in orders if order.due.amount_minor > 0 and order.status != "cancelled"]
    if unpaid and not is_said:
        kinds = {method.code: method.kind for method in await turn.oms.payment_methods()}
        unpaid = [order for order in unpaid if kinds.get(order.payment_method) == "transfer"]
    if not unpaid:
        return False
    turn.files_taken = True
    if len(unpaid) > 1:
        files = [asdict(file) for file in turn.message.files]
        await ask_which(turn, unpaid[:LISTED], act="proof", files=files, text=turn.message.text)
    else:
        await _send(turn, unpaid[0], turn.message.files, turn.message.text)
    return True


@order_act("proof")
async def _of_chosen_order(turn: Turn, order: Order, context: Mapping[str, Any]) -> None:
    await _send(turn, order, [File(**file) for file in context["files"]], str(context["text"]))


async def _send(turn: Turn, order: Order, files: Sequence[File], text: str) -> None:
    turn.files_taken = True
    shop = await turn.shop()
    told = read_details(text, shop)
    for file in files:
        new = NewPaymentProof(voucher=file.voucher, **told.model_dump(exclude_unset=True))
        proof = await turn.oms.send_payment_proof(order.number, new, key=turn.key("proof"))
    turn.say("proof_received", number=order.number, amount=wording.money(order.due, shop, turn.language))
    turn.withdraw("proof_photo", "proof_details")
    if len(files) == 1 and (proof.amount is None or proof.reference is None):
        turn.ask("proof_details", proof=proof.number)


def read_details(text: str, shop: Shop) -> ProofDetails:
    """The amount, the reference and the day that a customer's words say, as far as they do."""
    words = _ORDER.sub(" ", plain(text))
    found: dict[str, Any] = {}
    reference = _REFERENCE.search(words)
    if reference:
        found["reference"] = reference["reference"].upper()
        words = words[: reference.start()] + " " + words[reference.end() :]
    amount = _amount_minor(words, shop.currency)
    if amount:
        found["amount_minor"] = amount
    ago = next((days for word, days in _DAYS if re.search(rf"\b{word}\b", words)), None)
    if ago is not None:
        found["paid_on"] = _today(shop) - timedelta(days=ago)
    return ProofDetails(**found)


def _amount_minor(words: str, currency: str) -> int | None:
    found = _AMOUNT.search(words)
    if found is None:
        return None
    digits = (found["marked"] or found["plain"] or found["thousands"]).rstrip(".,")
    cents = re.fullmatch(r"(.*\d)[.,](\d{1,2})", digits)
    whole, part = (cents[1], cents[2]) if cents else (digits, "0")
    amount = Decimal(f"{re.sub(r'[.,]', '', whole)}.{part}") * (1000 if found["thousands"] else 1)
    minor = int(amount.scaleb(iso_exponent(currency)))
    return minor if 0 < minor <= MAX_AMOUNT_MINOR else None


def _today(shop: Shop) -> date:
    return clock.now().astimezone(ZoneInfo(shop.time_zone)).date()


@question_kind("proof_photo")
class ProofPhoto(Kind):
    """Have you a photo of the receipt? Asked of who says they paid; any file answers it."""

    is_passing = True
    takes_files = True

    def read(self, message: Message, question: Question) -> Answer | None:
        return Said(message.text) if message.files else None

    async def ask(self, turn: Turn, question: Question) -> None:
        """What was said of the payment asks for it."""

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        assert isinstance(answer, Said)
        order = await turn.oms.order(question.context["order_number"])
        await _send(turn, order, turn.message.files, answer.text)


@question_kind("proof_details")
class ProofMore(Kind):
    """How much was it, and under which reference? Whoever does not say leaves it to the shop."""

    is_passing = True

    def read(self, message: Message, question: Question) -> Answer | None:
        if message.is_button or message.files or (message.intent in _WISHES and not _names_both(message.text)):
            return None
        if message.intent == "deny" or is_refusal(message.text):
            return No()
        return Said(message.text) if _says_details(message.text) else None

    async def ask(self, turn: Turn, question: Question) -> None:
        turn.say("proof_details_ask")

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        if not isinstance(answer, Said):
            turn.say("proof_details_left")
            return
        told = read_details(answer.text, await turn.shop())
        proof = await turn.oms.add_to_payment_proof(question.context["proof"], told, key=turn.key("proof_details"))
        turn.say("proof_details_kept", number=proof.order_number)


def _names_both(text: str) -> bool:
    """ "Fueron 15.900, referencia M4471": no order, however much like a correction it begins."""
    words = _ORDER.sub(" ", plain(text))
    reference = _REFERENCE.search(words)
    return reference is not None and _AMOUNT.search(words[: reference.start()] + words[reference.end() :]) is not None


def _says_details(text: str) -> bool:
    words = _ORDER.sub(" ", plain(text))
    return bool(_REFERENCE.search(words) or _AMOUNT.search(words))
