"""The links that make people without an account sit on a jury."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Text, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from aap.accounts.links import OneTimeLink, link_rules
from aap.accounts.models import User
from aap.calls.models import Call, JuryCollege
from aap.db import Base, Identified, fk
from aap.jury.models.members import JuryMember


class JuryInvitation(Identified, OneTimeLink, Base):
    """A link that makes the person of an address sit on the jury of a call, in a college.

    A ``substitute`` will wait to be called in; whoever is invited in the place of ``stands_in_for_id`` sits at once.
    """

    __tablename__ = "jury_invitations"
    __table_args__ = (
        *link_rules("jury_invitations", "call_id", "email"),
        CheckConstraint("NOT (substitute AND stands_in_for_id IS NOT NULL)", name="waits_or_stands_in"),
        CheckConstraint("(used_at IS NULL) = (used_by_id IS NULL)", name="used_by_somebody"),
        CheckConstraint("declined_at IS NULL OR revoked_at IS NOT NULL", name="declined_is_over"),
        CheckConstraint("(declined_at IS NULL) = (decline_reason IS NULL)", name="declined_with_reason"),
    )

    call_id: Mapped[uuid.UUID] = fk("calls.id")
    college_id: Mapped[uuid.UUID] = fk("jury_colleges.id")
    chair: Mapped[bool] = mapped_column(default=False, server_default=false())
    substitute: Mapped[bool] = mapped_column(default=False, server_default=false())
    stands_in_for_id: Mapped[uuid.UUID | None] = fk("jury_members.id")
    declined_at: Mapped[datetime | None]  # by the person invited: the link is then dead
    decline_reason: Mapped[str | None] = mapped_column(Text())
    used_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))

    call: Mapped[Call] = relationship()
    college: Mapped[JuryCollege] = relationship()
    stands_in_for: Mapped[JuryMember | None] = relationship()
    created_by: Mapped[User] = relationship(foreign_keys="JuryInvitation.created_by_id")
