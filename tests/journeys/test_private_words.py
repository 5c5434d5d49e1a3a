"""What customers write is in the database and the assistant's memory alone: no log has it, no file a card number."""

from __future__ import annotations

import pytest

from tests.journeys.product import Product, wait_until

pytestmark = [pytest.mark.rasa, pytest.mark.timeout(900)]

# A number of the brands' test ranges, in two pieces, and words that nothing else in the product says.
CARD = "4532756279624064"
CANARIES = ("Zunilda Canariega", "zunilda.canariega@example.com", "3009998877", "Diagonal 77 canariega")


# case 108, case 107
def test_no_log_has_what_was_written_and_no_file_the_card_number(product: Product) -> None:
    product.wait_until_ready()
    with product.chat() as customer:
        for words in (
            f"hola, me llamo {CANARIES[0]}",
            f"mi correo es {CANARIES[1]} y mi celular {CANARIES[2]}",
            "3 leches enteras",
            "finalizar pedido",
            CANARIES[3],
            f"pago con {CARD[:9]}",
            f"{CARD[9:]}, vence 12/29",
        ):
            customer.say(words, timeout_s=60)
        asked = "SELECT count(*) AS n FROM bot_turn WHERE conversation_id = :id AND status = 'received'"
        wait_until(lambda: product.rows(asked, id=customer.conversation_id)[0]["n"] == 0, 60, "all turns to end")

    files = {path: path.read_bytes() for path in product.home.rglob("*") if path.is_file()}
    logs = {path: content for path, content in files.items() if path.suffix == ".log" or ".log." in path.name}
    told = [(path.name, word) for path, content in logs.items() for word in CANARIES if word.encode() in content]
    cards = [path.name for path, content in files.items() if CARD.encode() in content or CARD[9:].encode() in content]
    print(f"logs {len(logs)}, canaries {len(told)}; files {len(files)}, card numbers {len(cards)}")
    assert len(logs) >= 4
    assert any(CANARIES[3].encode() in content for content in files.values()), "it was written, though"
    assert (told, cards) == ([], [])
