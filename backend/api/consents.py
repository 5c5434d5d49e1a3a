"""Consents over HTTP: the policy for everyone, who accepted it for the bot, the proofs for staff."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response
from sqlalchemy.orm import Session

from backend.api.access import AppSettings, Db, Service, Staff, WrongRole
from backend.api.idempotency import Act
from backend.api.problems import InvalidRequest, describe
from backend.catalog.errors import ShopNotSetUp
from backend.catalog.shop import shop
from backend.consents import policy
from backend.consents import service as consents
from backend.consents.errors import PolicyChanged
from backend.customers import service as customers
from backend.customers.errors import CustomerNotFound
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.schemas.base import Text, Words
from backend.schemas.consents import Consent, PolicyAccepted, PolicyStanding, PrivacyPolicy
from backend.workflows.accept_policy import accept_policy
from kernel.tokens import TokenRefused

router = APIRouter(tags=["Consents"])
CustomerId = Annotated[Text, Path(max_length=36)]


@router.get("/privacy-policy", summary="The privacy policy in force", responses=describe(ShopNotSetUp))
def in_force(db: Db, settings: AppSettings) -> PrivacyPolicy:
    found = policy.read(settings.privacy_policy)
    with db.read() as session:
        its = shop(session)
    facts = {"shop": its.name, "address": its.address, "phone": its.phone}
    return PrivacyPolicy(
        version=found.version, text=Words(es=found.worded("es", **facts), en=found.worded("en", **facts))
    )


@router.get(
    "/customers/{customer_id}/privacy-policy",
    summary="Whether a customer accepted the policy in force, for the bot",
    responses=describe(TokenRefused, WrongRole, CustomerNotFound),
)
def standing(customer_id: CustomerId, _bot: Service, db: Db, settings: AppSettings) -> PolicyStanding:
    with db.read() as session:
        return _standing(session, customer_id, policy.read(settings.privacy_policy).version)


@router.put(
    "/customers/{customer_id}/privacy-policy",
    summary="A customer went on after the policy was shown to them",
    response_model=PolicyStanding,
    responses=describe(
        TokenRefused, WrongRole, IdempotencyKeyRequired, IdempotencyConflict, InvalidRequest, CustomerNotFound,
        PolicyChanged,
    ),
)  # fmt: skip
def accept(
    customer_id: CustomerId, accepted: PolicyAccepted, _bot: Service, act: Act, settings: AppSettings
) -> Response:
    said = consents.Said(accepted.channel, accepted.wording, accepted.evidence)

    def work(session: Session) -> PolicyStanding:
        version = accept_policy(session, customer_id, accepted.version, said, settings.privacy_policy)
        return _standing(session, customer_id, version)

    return act.once(work)


@router.get(
    "/staff/customers/{customer_id}/consents",
    summary="What a customer consented to or took back, oldest first",
    tags=["Staff"],
    responses=describe(TokenRefused, WrongRole, CustomerNotFound),
)
def proofs(customer_id: CustomerId, _staff: Staff, db: Db) -> list[Consent]:
    with db.read() as session:
        customers.find(session, customer_id)
        return [Consent.model_validate(each, from_attributes=True) for each in consents.history(session, customer_id)]


def _standing(session: Session, customer_id: str, version: str) -> PolicyStanding:
    if not customers.exists(session, customer_id):
        raise CustomerNotFound()
    return PolicyStanding(version=version, is_accepted=consents.has_accepted(session, customer_id, version))
