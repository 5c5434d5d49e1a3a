"""What shipping refuses."""

from __future__ import annotations

from kernel.errors import ComandaError, Conflict, Forbidden, Invalid, NotFound, Unauthenticated


class ShipmentNotFound(NotFound):
    """No parcel of that number, or of that carrier and tracking number."""

    code, title = "shipment_not_found", "There is no such parcel"


class ShipmentStepIllegal(Conflict):
    """`params`: `number`, `status`, and the refused `step`."""

    code, title = "shipment_step_illegal", "A parcel does not go from there to there"


class CarrierNotFound(NotFound):
    """`params`: `carrier`, and `carriers`, the codes there are."""

    code, title = "carrier_not_found", "The shop has no such carrier"


class TrackingNumberMissing(Invalid):
    """This carrier's number is typed in by the person who hands the parcel over."""

    code, title = "tracking_number_missing", "This carrier needs its tracking number"


class TrackingNumberTaken(Conflict):
    """`params`: `carrier` and `tracking_number`."""

    code, title = "tracking_number_taken", "Another parcel of that carrier has this tracking number"


class InvalidTrackingUrl(Invalid):
    code, title = "invalid_tracking_url", "A tracking link begins with https://"


class UnknownTrackingEvent(Invalid):
    """`params`: `kind`, and `kinds`, those there are."""

    code, title = "unknown_tracking_event", "No parcel goes through that"


class UnreadableWebhook(Invalid):
    """Genuine, but not what this carrier sends."""

    code, title = "unreadable_webhook", "That is not how this carrier says it"


class EventTimeImpossible(Invalid):
    """`params`: `happened_at`; not in the future, nor longer ago than a year."""

    code, title = "tracking_event_time_impossible", "That cannot have happened then"


class ParcelOfAnotherCarrier(Conflict):
    """`params`: `number`."""

    code, title = "parcel_of_another_carrier", "Another carrier has this parcel"


class SignatureRefused(Unauthenticated):
    """The webhook is not signed with the carrier's secret, or its time is not now."""

    code, title = "signature_refused", "The signature is missing, old or not genuine"


class CarrierWithoutSecret(Forbidden):
    """Nothing was agreed with this carrier that could prove a webhook to be its own."""

    code, title = "carrier_without_secret", "This carrier may not send webhooks here"


class ZoneNotFound(NotFound):
    code, title = "zone_not_found", "There is no such delivery zone"


class ZoneInUse(Conflict):
    """`params`: `zone`, and how many `rates` still name it."""

    code, title = "zone_in_use", "Rates still name this zone"


class RateNotFound(NotFound):
    code, title = "rate_not_found", "There is no such rate"


class RateTaken(Conflict):
    """`params`: `carrier`, `zone`, `up_to_g`."""

    code, title = "rate_taken", "There is a rate for that carrier, zone and weight already"


class TrackingLinkUnknown(NotFound):
    code, title = "tracking_link_unknown", "This link opens nothing"


class TrackingLinkExpired(ComandaError):
    code, status, title = "tracking_link_expired", 410, "This link has ended"
