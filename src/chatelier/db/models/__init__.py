"""The whole schema, a file for each group of tables; read it from here."""

from chatelier.db.models.accounts import ApiKey, AuditEntry, IdempotencyKey, Instance, Role, SignInSession, User
from chatelier.db.models.base import Base, Id, now
from chatelier.db.models.engines import StoredProvider
from chatelier.db.models.money import Attempt, AttemptState, LedgerEntry, LedgerKind
from chatelier.db.models.pictures import Generation, GenerationStatus, Image, ImageFile, PartialFrame
from chatelier.db.models.talk import Message, MessageStatus, Thread

__all__ = [
    "ApiKey",
    "Attempt",
    "AttemptState",
    "AuditEntry",
    "Base",
    "Generation",
    "GenerationStatus",
    "Id",
    "IdempotencyKey",
    "Image",
    "ImageFile",
    "Instance",
    "LedgerEntry",
    "LedgerKind",
    "Message",
    "MessageStatus",
    "PartialFrame",
    "Role",
    "SignInSession",
    "StoredProvider",
    "Thread",
    "User",
    "now",
]
