"""What uses connectors: cloud flows and canvas apps, with every link they hold."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import (
    BIG,
    Base,
    Interval,
    Version,
    environment_ref,
    key,
    label,
    one_open,
    surrogate,
    utc,
    word,
)


class Flow(Base):
    """A cloud flow; its key is its name, or wf: and its Dataverse row before that is known."""

    __tablename__ = "flows"
    __table_args__ = (UniqueConstraint("environment_id", "key"),)

    id: Mapped[surrogate]
    environment_id: Mapped[environment_ref] = mapped_column(comment="environment")
    key: Mapped[key] = mapped_column(comment="flow name, case-folded; or wf: and the row id")


class FlowVersion(Version, Base):
    """Facts about a cloud flow."""

    __tablename__ = "flow_versions"
    __table_args__ = (one_open("flow_versions", "flow_id"),)

    flow_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("flows.id"), primary_key=True, comment="whose"
    )
    from_run: Mapped[int] = mapped_column(
        BIG, ForeignKey("runs.id"), primary_key=True, comment="first run that found it so"
    )
    name: Mapped[label | None] = mapped_column(comment="flow id at the Flow service")
    workflow_id: Mapped[word | None] = mapped_column(comment="id of its Dataverse row")
    display_name: Mapped[label | None] = mapped_column(comment="name people see")
    state: Mapped[word | None] = mapped_column(comment="Started, Stopped or Suspended")
    creator_key: Mapped[key | None] = mapped_column(comment="object id of the creator")
    owner_key: Mapped[key | None] = mapped_column(comment="owner of the Dataverse row")
    trigger_kind: Mapped[word | None] = mapped_column(comment="type of its trigger")
    managed: Mapped[bool | None] = mapped_column(comment="installed by a managed solution")
    solution_id: Mapped[word | None] = mapped_column(comment="Dataverse solution id")
    definition_state: Mapped[word] = mapped_column(comment="readable, unreadable or not_read")
    created_at: Mapped[utc | None] = mapped_column(comment="created")
    modified_at: Mapped[utc | None] = mapped_column(comment="last modified")


class FlowOperation(Interval, Base):
    """One action or trigger of a flow that calls a connector."""

    __tablename__ = "flow_operations"
    __table_args__ = (
        one_open("flow_operations", "flow_id", "action", "is_trigger"),
        Index("ix_flow_operations_connector_key", "connector_key"),
    )

    id: Mapped[surrogate]
    flow_id: Mapped[int] = mapped_column(BIG, ForeignKey("flows.id"), comment="flow")
    action: Mapped[label] = mapped_column(comment="name of the action or trigger in the flow")
    is_trigger: Mapped[bool] = mapped_column(comment="a trigger rather than an action")
    connector_key: Mapped[key] = mapped_column(comment="connector it calls")
    operation_id: Mapped[label | None] = mapped_column(comment="operation it calls, if it says so")


class FlowReference(Interval, Base):
    """How a flow reaches a connector: by which connection or connection reference."""

    __tablename__ = "flow_references"
    __table_args__ = (
        one_open("flow_references", "flow_id", "reference_key"),
        Index("ix_flow_references_connector_key", "connector_key"),
    )

    id: Mapped[surrogate]
    flow_id: Mapped[int] = mapped_column(BIG, ForeignKey("flows.id"), comment="flow")
    reference_key: Mapped[key] = mapped_column(comment="key of the reference inside the flow")
    connector_key: Mapped[key] = mapped_column(comment="connector it reaches")
    connection_key: Mapped[key | None] = mapped_column(comment="connection used, if fixed")
    logical_name: Mapped[key | None] = mapped_column(comment="connection reference used")
    invoker: Mapped[bool] = mapped_column(comment="runs with the invoking user's connection")


class App(Base):
    """A canvas app; its key is its case-folded id."""

    __tablename__ = "apps"
    __table_args__ = (UniqueConstraint("environment_id", "key"),)

    id: Mapped[surrogate]
    environment_id: Mapped[environment_ref] = mapped_column(comment="environment")
    key: Mapped[key] = mapped_column(comment="app id, case-folded")


class AppVersion(Version, Base):
    """Facts about a canvas app."""

    __tablename__ = "app_versions"
    __table_args__ = (one_open("app_versions", "app_id"),)

    app_id: Mapped[int] = mapped_column(
        BIG, ForeignKey("apps.id"), primary_key=True, comment="whose"
    )
    from_run: Mapped[int] = mapped_column(
        BIG, ForeignKey("runs.id"), primary_key=True, comment="first run that found it so"
    )
    name: Mapped[label] = mapped_column(comment="app id as the platform spells it")
    display_name: Mapped[label | None] = mapped_column(comment="name people see")
    app_type: Mapped[word | None] = mapped_column(comment="kind of app")
    owner_key: Mapped[key | None] = mapped_column(comment="object id of the owner")
    creator_key: Mapped[key | None] = mapped_column(comment="object id of the creator")
    shared_users: Mapped[int | None] = mapped_column(comment="users it is shared with directly")
    shared_groups: Mapped[int | None] = mapped_column(comment="groups it is shared with")
    uses_premium: Mapped[bool | None] = mapped_column(comment="platform's premium flag, if told")
    uses_custom: Mapped[bool | None] = mapped_column(comment="platform's custom flag, if told")
    created_at: Mapped[utc | None] = mapped_column(comment="created")
    modified_at: Mapped[utc | None] = mapped_column(comment="last modified")
    published_at: Mapped[utc | None] = mapped_column(comment="last published")


class AppReference(Interval, Base):
    """A canvas app's link to a connector."""

    __tablename__ = "app_references"
    __table_args__ = (
        one_open("app_references", "app_id", "reference_key"),
        Index("ix_app_references_connector_key", "connector_key"),
    )

    id: Mapped[surrogate]
    app_id: Mapped[int] = mapped_column(BIG, ForeignKey("apps.id"), comment="app")
    reference_key: Mapped[key] = mapped_column(comment="key of the reference inside the app")
    connector_key: Mapped[key] = mapped_column(comment="connector it reaches")
    connection_key: Mapped[key | None] = mapped_column(comment="connection shared with the app")
