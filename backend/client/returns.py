"""Returns: what may come back, asking for it, and what becomes of it."""

from __future__ import annotations

from pydantic import BaseModel

from backend.client.wire import Wire, segment
from backend.schemas.returns import (
    AppealReturn,
    CancelReturn,
    ChooseForParcel,
    DropOffPoint,
    InspectReturn,
    NewReturn,
    NewReturnFor,
    ReceiveReturn,
    RejectReturn,
    ResolveReturn,
    Return,
    Returnable,
    ReturnPage,
    ReturnPolicy,
    ReturnQuote,
    SendReturn,
    StaffReturn,
)


class ReturnCalls(Wire):
    async def returnable(self, number: str) -> Returnable:
        """What of the customer's order may be returned."""
        return await self._get(Returnable, f"orders/{segment(number)}/returnable")

    async def drop_off_points(self) -> list[DropOffPoint]:
        """Where customers may leave what comes back."""
        return await self._list(DropOffPoint, "drop-off-points")

    async def request_return(self, number: str, wish: NewReturn, *, key: str) -> Return:
        return await self._send(Return, "POST", f"orders/{segment(number)}/returns", wish, key=key)

    async def quote_return(self, number: str, wish: NewReturn) -> ReturnQuote:
        """What it would come to. Changes nothing."""
        return await self._send(ReturnQuote, "POST", f"orders/{segment(number)}/returns/quote", wish)

    async def my_returns(self) -> list[Return]:
        """The newest first."""
        return await self._list(Return, "returns")

    async def my_return(self, number: str) -> Return:
        return await self._get(Return, f"returns/{segment(number)}")

    async def return_label(self, number: str) -> bytes:
        """A PDF."""
        return (await self._ask("GET", f"returns/{segment(number)}/label")).content

    async def linked_label(self, token: str) -> bytes:
        """The label that a link opens. A PDF."""
        return (await self._ask("GET", f"labels/{segment(token)}")).content

    async def cancel_return(self, number: str, reason: str | None = None, *, key: str) -> Return:
        body = CancelReturn(reason=reason)
        return await self._send(Return, "POST", f"returns/{segment(number)}/cancel", body, key=key)

    async def choose_for_parcel(self, number: str, wish: ChooseForParcel, *, key: str) -> Return:
        """What shall become of a parcel that could not be delivered."""
        return await self._send(Return, "POST", f"returns/{segment(number)}/wish", wish, key=key)

    async def appeal_return(self, number: str, note: str | None = None, *, key: str) -> Return:
        return await self._send(Return, "POST", f"returns/{segment(number)}/appeal", AppealReturn(note=note), key=key)

    async def returnable_of(self, number: str) -> Returnable:
        """What of anyone's order may be returned, for staff."""
        return await self._get(Returnable, f"staff/orders/{segment(number)}/returnable")

    async def returns_of(self, number: str) -> list[StaffReturn]:
        """The returns of anyone's order, for staff."""
        return await self._list(StaffReturn, f"staff/orders/{segment(number)}/returns")

    async def request_return_for(self, number: str, wish: NewReturnFor, *, key: str) -> StaffReturn:
        return await self._send(StaffReturn, "POST", f"staff/orders/{segment(number)}/returns", wish, key=key)

    async def returns(self, *, status: str | None = None, cursor: str | None = None) -> ReturnPage:
        return await self._get(ReturnPage, "staff/returns", status=status, cursor=cursor)

    async def return_(self, number: str) -> StaffReturn:
        return await self._get(StaffReturn, f"staff/returns/{segment(number)}")

    async def accept_return(self, number: str, *, key: str) -> StaffReturn:
        return await self._do(number, "accept", None, key)

    async def reject_return(self, number: str, reason: str, *, key: str) -> StaffReturn:
        return await self._do(number, "reject", RejectReturn(reason=reason), key)

    async def cancel_return_for(self, number: str, reason: str | None = None, *, key: str) -> StaffReturn:
        return await self._do(number, "cancel", CancelReturn(reason=reason), key)

    async def choose_for_parcel_of(self, number: str, wish: ChooseForParcel, *, key: str) -> StaffReturn:
        return await self._do(number, "wish", wish, key)

    async def send_return(self, number: str, *, key: str) -> StaffReturn:
        return await self._do(number, "send", SendReturn(), key)

    async def receive_return(self, number: str, came: ReceiveReturn, *, key: str) -> StaffReturn:
        return await self._do(number, "receipts", came, key)

    async def inspect_return(self, number: str, seen: InspectReturn, *, key: str) -> StaffReturn:
        return await self._do(number, "inspections", seen, key)

    async def resolve_return(self, number: str, wish: ResolveReturn | None = None, *, key: str) -> StaffReturn:
        """What the customer wished, unless `wish` says otherwise."""
        return await self._do(number, "resolve", wish or ResolveReturn(), key)

    async def return_policy(self) -> ReturnPolicy:
        return await self._get(ReturnPolicy, "staff/return-policy")

    async def set_return_policy(self, given: ReturnPolicy, *, key: str) -> ReturnPolicy:
        return await self._send(ReturnPolicy, "PUT", "staff/return-policy", given, key=key)

    async def _do(self, number: str, step: str, body: BaseModel | None, key: str) -> StaffReturn:
        return await self._send(StaffReturn, "POST", f"staff/returns/{segment(number)}/{step}", body, key=key)
