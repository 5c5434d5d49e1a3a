"""What is refused about subscribers."""

from __future__ import annotations

from kernel.errors import Conflict, Invalid, NotFound


class SubscriberNotFound(NotFound):
    code, title = "subscriber_not_found", "There is no such subscriber"


class SubscriberNameTaken(Conflict):
    code, title = "subscriber_name_taken", "Another subscriber has this name"


class SubscriberIsBuiltIn(Conflict):
    """Our own bot follows the configuration, not the API."""

    code, title = "subscriber_is_built_in", "This subscriber belongs to the configuration"


class SubscriberUrlInvalid(Invalid):
    code, title = "subscriber_url_invalid", "A subscriber's address is http(s)://host/…, without user name and password"


class DeliveryNotFound(NotFound):
    code, title = "delivery_not_found", "There is no such delivery"


class DeliveryNotDead(Conflict):
    code, title = "delivery_not_dead", "Only what was given up is sent again"
