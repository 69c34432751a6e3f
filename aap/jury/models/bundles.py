"""The files confided to a member as one PDF, to be read offline."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from aap.db import Base, Identified, fk
from aap.files.models import StoredFile
from aap.jury.models.members import JuryMember


class JuryBundle(Identified, Base):
    """One PDF of the files confided to a member, made by the worker when the member asks.

    At most one is in force. A recusal, a file taken back or a new request voids it: its file is then erased, and it
    is never handed again.
    """

    __tablename__ = "jury_bundles"
    __table_args__ = (
        CheckConstraint("(file_id IS NULL) = (made_at IS NULL)", name="file_comes_with_its_hour"),
        Index(
            "uq_jury_bundles_in_force",
            "jury_member_id",
            unique=True,
            postgresql_where=text("voided_at IS NULL"),
            sqlite_where=text("voided_at IS NULL"),
        ),
    )

    jury_member_id: Mapped[uuid.UUID] = fk("jury_members.id", index=False)
    asked_at: Mapped[datetime]
    file_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("stored_files.id", ondelete="RESTRICT"))
    made_at: Mapped[datetime | None]
    voided_at: Mapped[datetime | None]

    member: Mapped[JuryMember] = relationship()
    file: Mapped[StoredFile | None] = relationship()
    contents: Mapped[list[JuryBundleFile]] = relationship(order_by="JuryBundleFile.position")


class JuryBundleFile(Identified, Base):
    """A deposit whose file is inside a bundle."""

    __tablename__ = "jury_bundle_files"
    __table_args__ = (
        UniqueConstraint("bundle_id", "submission_id", name="uq_jury_bundle_files_bundle_id_submission_id"),
        CheckConstraint("position >= 1", name="position_from_one"),
    )

    bundle_id: Mapped[uuid.UUID] = fk("jury_bundles.id", index=False)
    application_id: Mapped[uuid.UUID] = fk("applications.id")
    submission_id: Mapped[uuid.UUID] = fk("submissions.id")
    position: Mapped[int]
