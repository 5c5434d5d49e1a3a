"""Products told of: what there is, and what it costs."""

from __future__ import annotations

from tests.actions.conftest import Customer


async def test_what_is_told_of_and_not_asked_about_has_no_numbers(customer: Customer) -> None:
    await customer.say("product_recommend", "¿qué me recomiendas?")

    head, *told = customer.said.splitlines()
    assert head == "De lo que hay hoy, por ejemplo:"
    names = [line.removeprefix("• ").partition(" · ")[0] for line in told]
    assert [line[:2] for line in told] == ["• "] * len(told)
    assert list(customer.buttons) == [f"Agregar {name}" for name in names]
    assert customer.asked == []
