"""What came in, what was made of it and what has to go out, safe on the disk: SQLite, or PostgreSQL by URL."""

from __future__ import annotations

from .database import DatabaseUnavailableError as DatabaseUnavailableError
from .journal import Journal as Journal
from .opening import open_journal as open_journal
from .records import Applied as Applied
from .records import Letter as Letter
from .records import LetterStatus as LetterStatus
from .records import Message as Message
from .records import OutboxMessage as OutboxMessage
from .records import Outcome as Outcome
from .records import Outgoing as Outgoing
from .records import Receipt as Receipt
from .records import Removed as Removed
from .records import Retention as Retention
from .records import StoredEvent as StoredEvent
from .schema import JournalError as JournalError
