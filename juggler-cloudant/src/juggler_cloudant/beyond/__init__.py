"""What a document has beyond its row: its history of changes, attachments, conflicts.

Each is written once, over the port, and comes in both colours.
"""

from __future__ import annotations

from juggler_cloudant.beyond.attachments import Attachment, Attachments
from juggler_cloudant.beyond.changes import Change, Changes
from juggler_cloudant.beyond.conflicts import Conflict, Conflicts

__all__ = ["Attachment", "Attachments", "Change", "Changes", "Conflict", "Conflicts"]
