"""The checkout: what is confirmed is what was shown, once, and success is said only from the OMS's order."""

from __future__ import annotations

from tests.actions.conftest import Customer


async def test_an_order_is_led_through_address_payment_and_summary_to_its_number(customer: Customer) -> None:
    await customer.fill("2 - LECHE-ENTERA-1L")

    await customer.say("checkout_start")
    assert customer.step == "address"
    await customer.say("address_give", "Calle 45 # 12-30", address="Calle 45 # 12-30")
    assert customer.step == "payment"
    await customer.say("payment_choose", "nequi", payment_method="nequi")
    assert customer.step == "confirm"
    assert "Total: $15.100" in customer.said
    await customer.say("affirm", "sí")

    (order,) = await customer.oms.orders()
    assert order.number in customer.said
    assert customer.asked == ["email"]
    assert await customer.cart() == []


async def test_an_empty_cart_is_not_checked_out(customer: Customer) -> None:
    await customer.say("checkout_start")

    assert "vacío" in customer.said
    assert customer.asked == []


async def test_a_confirmation_repeated_gives_the_same_order_number(customer: Customer) -> None:
    confirmation = await customer.at_the_summary()
    await customer.say("affirm", "sí")
    (order,) = await customer.oms.orders()

    await customer.say("affirm", "sí")
    assert order.number in customer.said
    await customer.say("affirm", button=True, confirmation=confirmation)
    assert order.number in customer.said

    assert len(await customer.oms.orders()) == 1


async def test_a_stale_confirmation_places_nothing_and_shows_what_the_order_is_now(customer: Customer) -> None:
    # case 43
    confirmation = await customer.at_the_summary()
    await customer.fill("1 - PAN-TAJADO-INTEGRAL-480")

    await customer.say("affirm", button=True, confirmation=confirmation)

    assert await customer.oms.orders() == []
    assert "no confirmé nada" in customer.said
    assert "Pan tajado integral" in customer.said
    assert customer.step == "confirm"


async def test_a_digression_at_the_summary_keeps_its_confirmation(customer: Customer) -> None:
    confirmation = await customer.at_the_summary()

    await customer.say("store_info", "a qué hora cierran")

    assert "Volvamos a tu pedido por $15.100" in customer.said
    assert customer.slots["open_questions"][-1]["context"]["confirmation"] == confirmation


async def test_an_incomplete_address_is_asked_for_again(customer: Customer) -> None:
    await customer.fill("2 - LECHE-ENTERA-1L")
    await customer.say("checkout_start")

    await customer.say("address_give", "mi casa")

    assert "incompleta" in customer.said
    assert customer.step == "address"
    assert (await customer.oms.cart()).checkout.address is None


async def test_a_saved_address_is_offered_and_chosen_by_its_number(customer: Customer) -> None:
    await customer.has_ordered()
    await customer.fill("2 - LECHE-ENTERA-1L")
    await customer.say("checkout_start")
    assert "1. Calle 45 # 12-30" in customer.said

    await customer.say("option_choose", "la primera", option=1)

    assert (await customer.oms.cart()).checkout.address == "Calle 45 # 12-30"
    assert customer.step == "payment"


async def test_a_payment_method_the_shop_does_not_have_is_refused(customer: Customer) -> None:
    await customer.fill("2 - LECHE-ENTERA-1L")
    await customer.oms.choose_checkout(address_text="Calle 45 # 12-30", key="address")
    await customer.say("checkout_start")

    await customer.say("payment_choose", "con bitcoin", payment_method="bitcoin")

    assert "no la tenemos" in customer.said
    assert customer.step == "payment"


async def test_no_at_the_summary_confirms_nothing_and_keeps_the_cart(customer: Customer) -> None:
    await customer.at_the_summary()

    await customer.say("deny", "no")

    assert await customer.oms.orders() == []
    assert await customer.cart() == ["2 unidad LECHE-ENTERA-1L"]


async def test_the_address_can_be_changed_at_the_summary(customer: Customer) -> None:
    await customer.at_the_summary()

    await customer.say("order_change", "no, cambia la dirección")
    assert customer.step == "address"
    await customer.say("address_give", "Carrera 7 # 80-20", address="Carrera 7 # 80-20")

    assert customer.step == "confirm"
    assert "Carrera 7 # 80-20" in customer.said


async def test_a_lost_memory_resumes_from_what_the_oms_holds(customer: Customer) -> None:
    # case 38
    await customer.fill("2 - LECHE-ENTERA-1L")
    await customer.oms.choose_checkout(address_text="Calle 45 # 12-30", key="address")
    customer.slots = {"language": "es"}

    await customer.say("payment_choose", "nequi", payment_method="nequi")

    assert customer.step == "confirm"
    assert "Calle 45 # 12-30" in customer.said


async def test_a_yes_after_other_talk_is_no_second_yes_to_the_order(customer: Customer) -> None:
    await customer.at_the_summary()
    await customer.say("affirm", "sí")
    await customer.say("thanks", "gracias")

    await customer.say("affirm", "sí")

    assert "registrado" not in customer.said
