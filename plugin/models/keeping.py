"""How long a closed case is kept: what a coordinator said of one case. The rule itself is the partnership's (`policy`)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from plugin.models.base import Base, OfCase, new_id


class Hold(OfCase, Base):
    """A case is kept though its time is over (`kind` hold: a court, an inquiry), or may go though something in it is still owed (release).

    `sealed` is the reason, sealed with the case's key: it goes with the case. Live until `ended_at`. Times are business time.
    """

    __tablename__ = "hold"
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    disagreement_id: Mapped[str] = mapped_column(ForeignKey("disagreement.id"), index=True)
    kind: Mapped[str]
    sealed: Mapped[bytes | None]
    account_id: Mapped[str]
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
