"""What is refused of data requests."""

from __future__ import annotations

from kernel.errors import Conflict, Invalid, NotFound


class DataRequestNotFound(NotFound):
    code, title = "data_request_not_found", "No such data request"


class DataFileGone(NotFound):
    code, title = "data_file_gone", "There is no file of this request, or none any more"


class LookNotFresh(Conflict):
    """`params`: the `number` that was named."""

    code, title = "look_not_fresh", "Look at what is kept first: this look is not done, or too old"


class PersonStillOpen(Conflict):
    """`params`: how many (`open`) things are not over."""

    code, title = "person_still_open", "Not everything with this person is over"


class ErasureUnderWay(Conflict):
    """`params`: the `number` of the one that runs."""

    code, title = "erasure_under_way", "This person is being erased already"


class ErasureNotConfirmed(Invalid):
    code, title = "erasure_not_confirmed", "What was typed is not the number of the look"
