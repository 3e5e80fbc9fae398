"""Who there is: users, guests, service principals and groups, and what they may do."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
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


class Principal(Base):
    """A user, guest, service principal or group; its key is its case-folded object id."""

    __tablename__ = "principals"

    id: Mapped[surrogate]
    key: Mapped[key] = mapped_column(unique=True, comment="Entra object id, case-folded")


class PrincipalVersion(Version, Base):
    """Facts about a principal; a deleted one is gone with reason deleted."""

    __tablename__ = "principal_versions"
    __table_args__ = (one_open("principal_versions", "principal_id"),)

    principal_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("principals.id"), primary_key=True, comment="whose"
    )
    from_run: Mapped[int] = mapped_column(
        BIG, ForeignKey("runs.id"), primary_key=True, comment="first run that found it so"
    )
    kind: Mapped[word] = mapped_column(comment="user, guest, service_principal or group")
    display_name: Mapped[label | None] = mapped_column(comment="name people see")
    user_principal_name: Mapped[label | None] = mapped_column(comment="sign-in name")
    mail: Mapped[label | None] = mapped_column(comment="mail address")
    enabled: Mapped[bool | None] = mapped_column(comment="may sign in")
    department: Mapped[label | None] = mapped_column(comment="department")
    job_title: Mapped[label | None] = mapped_column(comment="job title")
    company: Mapped[label | None] = mapped_column(comment="company")
    manager_key: Mapped[key | None] = mapped_column(comment="object id of the manager")
    application_id: Mapped[word | None] = mapped_column(comment="client id of a service principal")
    preferred_language: Mapped[word | None] = mapped_column(comment="language, e.g. de-DE")
    created_at: Mapped[utc | None] = mapped_column(comment="created")
    deleted_at: Mapped[utc | None] = mapped_column(comment="deleted in Entra")


class GroupMember(Interval, Base):
    """A user or guest who is in a group, directly or through other groups."""

    __tablename__ = "group_members"
    __table_args__ = (
        one_open("group_members", "group_key", "member_key"),
        Index("ix_group_members_member_key", "member_key"),
    )

    id: Mapped[surrogate]
    group_key: Mapped[key] = mapped_column(comment="object id of the group")
    member_key: Mapped[key] = mapped_column(comment="object id of the member")


class ConnectorPermission(Interval, Base):
    """A role assignment on a custom connector."""

    __tablename__ = "connector_permissions"
    __table_args__ = (
        one_open(
            "connector_permissions", "connector_id", "principal_type", "principal_key", "role"
        ),
        Index("ix_connector_permissions_principal_key", "principal_key"),
    )

    id: Mapped[surrogate]
    connector_id: Mapped[int] = mapped_column(BIG, ForeignKey("connectors.id"), comment="connector")
    principal_type: Mapped[word] = mapped_column(
        comment="user, group, service_principal or tenant (everyone)"
    )
    principal_key: Mapped[key] = mapped_column(comment="object id; the tenant id for everyone")
    principal_name: Mapped[label | None] = mapped_column(comment="name as the platform tells it")
    role: Mapped[word] = mapped_column(comment="Owner, CanEdit, CanView or CanViewWithShare")


class AppPermission(Interval, Base):
    """A role on a canvas app that uses a custom connector; no other app's roles are read."""

    __tablename__ = "app_permissions"
    __table_args__ = (
        one_open("app_permissions", "app_id", "principal_type", "principal_key", "role"),
        Index("ix_app_permissions_principal_key", "principal_key"),
    )

    id: Mapped[surrogate]
    app_id: Mapped[int] = mapped_column(BIG, ForeignKey("apps.id"), comment="app")
    principal_type: Mapped[word] = mapped_column(
        comment="user, group, service_principal or tenant (everyone)"
    )
    principal_key: Mapped[key] = mapped_column(comment="object id; the tenant id for everyone")
    principal_name: Mapped[label | None] = mapped_column(comment="name as the platform tells it")
    role: Mapped[word] = mapped_column(comment="Owner, CanEdit, CanView or CanViewWithShare")


class FlowPermission(Interval, Base):
    """A role on a cloud flow that uses a custom connector; no other flow's roles are read."""

    __tablename__ = "flow_permissions"
    __table_args__ = (
        one_open("flow_permissions", "flow_id", "principal_type", "principal_key", "role"),
        Index("ix_flow_permissions_principal_key", "principal_key"),
    )

    id: Mapped[surrogate]
    flow_id: Mapped[int] = mapped_column(BIG, ForeignKey("flows.id"), comment="flow")
    principal_type: Mapped[word] = mapped_column(
        comment="user, group, service_principal or tenant (everyone)"
    )
    principal_key: Mapped[key] = mapped_column(comment="object id; the tenant id for everyone")
    role: Mapped[word] = mapped_column(
        comment="Owner and CanEdit may change it; CanView and others may only run it"
    )


class ConnectionPermission(Interval, Base):
    """A role on a connection to a custom connector that may be shared; others' are not read."""

    __tablename__ = "connection_permissions"
    __table_args__ = (
        one_open(
            "connection_permissions", "connection_id", "principal_type", "principal_key", "role"
        ),
        Index("ix_connection_permissions_principal_key", "principal_key"),
    )

    id: Mapped[surrogate]
    connection_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("connections.id"), comment="connection"
    )
    principal_type: Mapped[word] = mapped_column(
        comment="user, group, service_principal or tenant (everyone)"
    )
    principal_key: Mapped[key] = mapped_column(comment="object id; the tenant id for everyone")
    principal_name: Mapped[label | None] = mapped_column(comment="name as the platform tells it")
    role: Mapped[word] = mapped_column(comment="Owner, CanEdit, CanView or CanViewWithShare")
