"""What applications sign in with: registrations and when their secrets and certificates end."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import (
    BIG,
    Base,
    Interval,
    Version,
    key,
    label,
    one_open,
    surrogate,
    utc,
    word,
)


class AppRegistration(Base):
    """An application registered in Entra ID; its key is its case-folded client id."""

    __tablename__ = "app_registrations"
    __table_args__ = (UniqueConstraint("key"),)

    id: Mapped[surrogate]
    key: Mapped[key] = mapped_column(comment="client id, case-folded")


class AppRegistrationVersion(Version, Base):
    """Facts about a registered application."""

    __tablename__ = "app_registration_versions"
    __table_args__ = (one_open("app_registration_versions", "app_registration_id"),)

    app_registration_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("app_registrations.id"), primary_key=True, comment="whose"
    )
    from_run: Mapped[int] = mapped_column(
        BIG, ForeignKey("runs.id"), primary_key=True, comment="first run that found it so"
    )
    object_id: Mapped[key] = mapped_column(comment="object id of the registration")
    display_name: Mapped[label | None] = mapped_column(comment="name people see")
    created_at: Mapped[utc | None] = mapped_column(comment="registered")


class AppCredential(Interval, Base):
    """A secret or certificate of an application: when it ends, never what it is."""

    __tablename__ = "app_credentials"
    __table_args__ = (
        one_open("app_credentials", "holder_key", "credential_key"),
        Index("ix_app_credentials_client_key", "client_key"),
    )

    id: Mapped[surrogate]
    holder_key: Mapped[key] = mapped_column(comment="object id of what carries it")
    holder: Mapped[word] = mapped_column(comment="application or service_principal")
    client_key: Mapped[key] = mapped_column(comment="client id of the application, case-folded")
    credential_key: Mapped[key] = mapped_column(comment="id of the credential, case-folded")
    kind: Mapped[word] = mapped_column(comment="secret or certificate")
    display_name: Mapped[label | None] = mapped_column(comment="what its maker called it")
    starts_at: Mapped[utc | None] = mapped_column(comment="valid from")
    ends_at: Mapped[utc | None] = mapped_column(comment="valid until")
