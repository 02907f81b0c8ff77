"""What stands around the stores of images: objects that no row names, and how much is handed out."""

from __future__ import annotations

import datetime

from sqlalchemy import Date
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from chatelier.db.models.base import Base


class LooseObject(Base):
    """The key of an object that no row names: to be put, or to be deleted when it is due. ``doomed``: a sweep has it,
    so no row may name it any more. Triggers on ``image_files`` note what loses its row."""

    __tablename__ = "loose_objects"
    object_key: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime.datetime] = mapped_column(index=True)
    doomed: Mapped[bool] = mapped_column(server_default=sql("false"))


class ServedDay(Base):
    """Originals and previews handed out on a day of UTC, by all processes together."""

    __tablename__ = "served_days"
    day: Mapped[datetime.date] = mapped_column(Date, primary_key=True)
    images: Mapped[int] = mapped_column(server_default=sql("0"))
    bytes: Mapped[int] = mapped_column(server_default=sql("0"))
