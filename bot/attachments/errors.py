"""What may be refused of an attachment."""

from __future__ import annotations

from kernel.errors import Conflict, Invalid, NotFound, TooMany

LIMIT_BYTES = 15 * 1024 * 1024
MESSAGE_MOST = 5


class AttachmentEmpty(Invalid):
    code, title = "attachment_empty", "The file holds nothing"


class AttachmentTooLarge(Invalid):
    code, status, title = "attachment_too_large", 413, f"The file is larger than {LIMIT_BYTES // 1024**2} MB"


class AttachmentUnsupported(Invalid):
    code, status, title = "attachment_unsupported", 415, "The file is no JPEG, PNG or WebP picture and no PDF"


class AttachmentUnreadable(Invalid):
    """It begins as a picture does, and is none: cut off, damaged, or of more pixels than any camera makes."""

    code, title = "attachment_unreadable", "The picture cannot be read"


class AttachmentCutOff(Invalid):
    code, status, title = "attachment_cut_off", 400, "The file did not arrive whole"


class AttachmentsTooMany(Invalid):
    code, title = "attachments_too_many", f"A message carries at most {MESSAGE_MOST} files"


class AttachmentsTooFast(TooMany):
    code, title = "attachments_too_fast", "Too many files in a short time"


class AttachmentNotFound(NotFound):
    code, title = "attachment_not_found", "No such file"


class AttachmentGone(Conflict):
    """It is not of this conversation, was sent already, or waited so long that it was deleted."""

    code, title = "attachment_gone", "The file cannot be sent any more"
