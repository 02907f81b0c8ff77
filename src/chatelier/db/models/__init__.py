"""The whole schema, a file for each group of tables; read it from here."""

from chatelier.db.models.accounts import (
    ApiKey,
    AuditEntry,
    FailedSignIn,
    IdempotencyKey,
    Instance,
    Role,
    SignInSession,
    User,
)
from chatelier.db.models.base import Base, Id, now
from chatelier.db.models.engines import StoredProvider
from chatelier.db.models.gallery import ImageWord, ShareLink, StorageUse
from chatelier.db.models.keeping import Export, ExportPiece
from chatelier.db.models.mail import Mail, MailState, SentAlert, SentWarning, Threshold, UsageMark
from chatelier.db.models.money import Attempt, AttemptState, Charge, InstanceDay, LedgerEntry, LedgerKind
from chatelier.db.models.pictures import Generation, GenerationStatus, Image, ImageFile, Mask, PartialFrame, PromptBy
from chatelier.db.models.plans import Plan, UpgradeRequest, ZoneChange
from chatelier.db.models.spend import NightlyCheck, SpendQuarter, SpendSum
from chatelier.db.models.storing import LooseObject, ServedDay
from chatelier.db.models.talk import Message, MessageStatus, Thread

__all__ = [
    "ApiKey",
    "Attempt",
    "AttemptState",
    "AuditEntry",
    "Base",
    "Charge",
    "Export",
    "ExportPiece",
    "FailedSignIn",
    "Generation",
    "GenerationStatus",
    "Id",
    "IdempotencyKey",
    "Image",
    "ImageFile",
    "ImageWord",
    "Instance",
    "InstanceDay",
    "LedgerEntry",
    "LedgerKind",
    "LooseObject",
    "Mail",
    "MailState",
    "Mask",
    "Message",
    "MessageStatus",
    "NightlyCheck",
    "PartialFrame",
    "Plan",
    "PromptBy",
    "Role",
    "SentAlert",
    "SentWarning",
    "ServedDay",
    "ShareLink",
    "SignInSession",
    "SpendQuarter",
    "SpendSum",
    "StorageUse",
    "StoredProvider",
    "Thread",
    "Threshold",
    "UpgradeRequest",
    "UsageMark",
    "User",
    "ZoneChange",
    "now",
]
