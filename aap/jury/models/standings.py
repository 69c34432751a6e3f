"""What the ranking board reads: the exact result of each file, stored when one of its reviews is submitted."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from aap.db import Base, Identified, LongText, Str400, fk
from aap.scoring.aggregation import Status

_SORTED = Text().with_variant(Text(collation="C"), "postgresql")


class Standing(Identified, Base):
    """The result of a file by its ``given`` submitted reviews, of which ``counted`` count. Totals are texts ``n/d``.

    ``merit_key`` sorts as the call's rules do (``aap.scoring.order_text``), ``draw_key`` as the draw does once its seed
    is revealed; ``merit`` are the values compared, to say why. The marks remain the truth: this is written again from
    them whenever one may have changed, and the board goes back to them when the counts do not agree.
    """

    __tablename__ = "standings"
    __table_args__ = (
        UniqueConstraint("application_id", name="uq_standings_application_id"),
        CheckConstraint("counted >= 0 AND given >= counted", name="counted_among_given"),
        CheckConstraint("(counted = 0) = (total IS NULL)", name="total_of_what_counts"),
        CheckConstraint("status <> 'ranked' OR total IS NOT NULL", name="ranked_by_a_total"),
        CheckConstraint("(total IS NULL) = (merit_key = '')", name="total_with_its_key"),
    )

    application_id: Mapped[uuid.UUID] = fk("applications.id", index=False)
    status: Mapped[Status]
    given: Mapped[int]
    counted: Mapped[int]
    total: Mapped[LongText | None]
    minimum: Mapped[LongText | None]
    maximum: Mapped[LongText | None]
    divergence: Mapped[LongText | None]
    divergence_key: Mapped[str] = mapped_column(_SORTED, default="")
    divergence_over: Mapped[bool]
    under_floor: Mapped[Str400] = mapped_column(default="")  # keys of criteria, separated by spaces
    under_overall: Mapped[bool]
    under_raw_sum: Mapped[bool]
    total_key: Mapped[str] = mapped_column(_SORTED, default="")
    merit_key: Mapped[str] = mapped_column(_SORTED, default="")
    merit: Mapped[LongText] = mapped_column(default="")
    draw_key: Mapped[str] = mapped_column(String(64), default="")
    computed_at: Mapped[datetime]
