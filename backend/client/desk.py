"""Orders as the shop's people see them, and their say in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from backend.client.wire import Wire, segment
from backend.schemas.approval import ApprovalRule, ApproveOrder, HoldBackOrder, NewApprovalRule, RejectOrder, StuckOrder
from backend.schemas.claims import CloseClaim, StaffClaim
from backend.schemas.customer_cards import CustomerCard, CustomerName
from backend.schemas.customers import CustomerPage, NewCaller, StaffCustomer, StaffCustomerChange
from backend.schemas.fulfillment import ResolveShortage
from backend.schemas.mail import Mail, MailPage
from backend.schemas.orders import CancelOrder, ChangeOrder, Order, OrderChangePreview, OrderPage, StaffOrder
from backend.schemas.payments import PaymentLink


class DeskCalls(Wire):
    async def staff_orders(
        self,
        status: str | None = None,
        cursor: str | None = None,
        *,
        q: str | None = None,
        hold: str | None = None,
        payment_method: str | None = None,
        since: date | None = None,
        until: date | None = None,
    ) -> OrderPage:
        """The newest first; `q` is of a number, a name, an e-mail address or a telephone."""
        given = {"status": status, "cursor": cursor, "q": q, "hold": hold, "payment_method": payment_method}
        return await self._get(OrderPage, "staff/orders", **given, since=since, until=until)

    async def staff_order(self, number: str) -> StaffOrder:
        return await self._get(StaffOrder, f"staff/orders/{segment(number)}")

    async def approve_order(self, number: str, decision: ApproveOrder, *, key: str) -> Order:
        return await self._send(Order, "POST", f"staff/orders/{segment(number)}/approve", decision, key=key)

    async def reject_order(self, number: str, decision: RejectOrder, *, key: str) -> Order:
        return await self._send(Order, "POST", f"staff/orders/{segment(number)}/reject", decision, key=key)

    async def hold_back_order(self, number: str, decision: HoldBackOrder, *, key: str) -> Order:
        """Until someone approves or rejects it."""
        return await self._send(Order, "POST", f"staff/orders/{segment(number)}/hold", decision, key=key)

    async def send_payment_link(self, number: str, *, key: str) -> PaymentLink:
        """Tell the customer again where they pay what is due."""
        return await self._send(PaymentLink, "POST", f"staff/orders/{segment(number)}/payment-link", None, key=key)

    async def staff_resolve_shortage(
        self, number: str, shortage: str, resolution: str, substitute_sku: str | None = None, *, key: str
    ) -> Order:
        body = ResolveShortage.model_validate({"resolution": resolution, "substitute_sku": substitute_sku})
        path = f"staff/orders/{segment(number)}/shortages/{segment(shortage)}"
        return await self._send(Order, "POST", path, body, key=key)

    async def staff_cancel_order(self, number: str, reason: str | None = None, *, key: str) -> Order:
        path = f"staff/orders/{segment(number)}/cancel"
        return await self._send(Order, "POST", path, CancelOrder(reason=reason), key=key)

    async def staff_propose_order_change(self, number: str, change: ChangeOrder, *, key: str) -> OrderChangePreview:
        """What a customer's order would become; `staff_apply_order_change` does it."""
        return await self._send(OrderChangePreview, "POST", f"staff/orders/{segment(number)}/changes", change, key=key)

    async def staff_apply_order_change(self, number: str, confirmation: str, *, key: str) -> Order:
        path = f"staff/orders/{segment(number)}/changes/{segment(confirmation)}"
        return await self._send(Order, "POST", path, None, key=key)

    async def stuck_orders(self) -> list[StuckOrder]:
        """Those that have been too long where they are, longest first."""
        return await self._list(StuckOrder, "staff/stuck")

    async def approval_rules(self) -> list[ApprovalRule]:
        """The rules that hold orders, in their order."""
        return await self._list(ApprovalRule, "staff/approval-rules")

    async def add_approval_rule(self, rule: NewApprovalRule, *, key: str) -> ApprovalRule:
        return await self._send(ApprovalRule, "POST", "staff/approval-rules", rule, key=key)

    async def change_approval_rule(self, rule_id: str, rule: NewApprovalRule, *, key: str) -> ApprovalRule:
        """Say it all anew."""
        return await self._send(ApprovalRule, "PUT", f"staff/approval-rules/{segment(rule_id)}", rule, key=key)

    async def remove_approval_rule(self, rule_id: str, *, key: str) -> ApprovalRule:
        return await self._send(ApprovalRule, "DELETE", f"staff/approval-rules/{segment(rule_id)}", None, key=key)

    async def staff_customers(self, query: str | None = None, cursor: str | None = None) -> CustomerPage:
        """Those with `query` in their name or e-mail, the newest first."""
        return await self._get(CustomerPage, "staff/customers", q=query, cursor=cursor)

    async def note_caller(self, caller: NewCaller, *, key: str) -> StaffCustomer:
        """The customer with that telephone number, made when nobody has it."""
        return await self._send(StaffCustomer, "POST", "staff/customers", caller, key=key)

    async def staff_customer(self, customer_id: str) -> StaffCustomer:
        return await self._get(StaffCustomer, f"staff/customers/{segment(customer_id)}")

    async def customer_names(self, ids: Sequence[str] = (), query: str | None = None) -> list[CustomerName]:
        """What these customers are called; or who is called so, has that number or order."""
        return await self._list(CustomerName, "staff/customer-names", id=list(ids), q=query)

    async def customer_card(self, customer_id: str) -> CustomerCard:
        """What whoever talks with a customer has at hand."""
        return await self._get(CustomerCard, f"staff/customers/{segment(customer_id)}/card")

    async def staff_change_customer(self, customer_id: str, change: StaffCustomerChange, *, key: str) -> StaffCustomer:
        """What is not set stays; a `credit_limit_minor` of None takes the limit away."""
        return await self._correct(StaffCustomer, f"staff/customers/{segment(customer_id)}", change, key=key)

    async def staff_claims(self) -> list[StaffClaim]:
        """Open claims, the newest first."""
        return await self._list(StaffClaim, "staff/claims")

    async def close_claim(self, claim_id: str, answer: str, *, key: str) -> StaffClaim:
        path = f"staff/claims/{segment(claim_id)}/close"
        return await self._send(StaffClaim, "POST", path, CloseClaim(answer=answer), key=key)

    async def staff_mails(self, status: str | None = None, cursor: str | None = None) -> MailPage:
        return await self._get(MailPage, "staff/mail", status=status, cursor=cursor)

    async def staff_mail(self, mail_id: str) -> Mail:
        return await self._get(Mail, f"staff/mail/{segment(mail_id)}")

    async def resend_mail(self, mail_id: str, *, key: str) -> Mail:
        """Again what failed, was kept, or may not have arrived."""
        return await self._send(Mail, "POST", f"staff/mail/{segment(mail_id)}/resend", None, key=key)
