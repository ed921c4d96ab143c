"""Background jobs: imports, bulk actions, exports, and the rows that they rejected."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import JSON, BigInteger, ColumnElement, ForeignKey, Index, Integer, String, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Authored, Row, Tenant, field, reads
from models.order_source import OrderSource
from models.text_rules import TextRule
from models.types import Choice, UtcDateTime, choice


class ImportStatus(Choice):
    """The state of an import: `uploaded` waits for the user to map the columns, `queued` for a worker."""

    UPLOADED = "uploaded", _("Waiting for columns")
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    STOPPED = "stopped", _("Stopped")
    UNDONE = "undone", _("Undone")


class RejectReason(Choice):
    MOBILE = "mobile", _("Invalid mobile number")
    PRODUCT = "product", _("Unknown product")
    DATE = "date", _("Invalid date")
    QUANTITY = "quantity", _("Invalid quantity")
    TEXT = "text", _("Unreadable text")
    QUOTES = "quotes", _("Unclear quotation marks")
    WIDTH = "width", _("More cells than headings")
    FORM = "form", _("Refused by the form")


# The section of the files that have an import of their own.
ORDERS = "orders"
_IS_IMPORTED = text("section = 'orders' AND status IN ('queued', 'running', 'done')")


class ImportJob(Row, Tenant, Authored, Model):
    """An import into a section: orders, or rows that go through the section's own form.

    `next_row` is saved with each chunk, so a restarted job continues there.
    """

    __tablename__ = "import_jobs"
    __table_args__ = (
        # A file of orders is imported once, even when two members send it at the same moment.
        Index(
            "uq_import_jobs_sha256",
            "organization_id",
            "sha256",
            unique=True,
            postgresql_where=_IS_IMPORTED,
            sqlite_where=_IS_IMPORTED,
        ),
        Index("ix_import_jobs_headings_key", "organization_id", "headings_key"),
    )

    # One token per shown form, so that a form sent twice starts one import.
    client_token: Mapped[UUID] = mapped_column(Uuid, unique=True)
    section: Mapped[str] = field(_("Section"), String(60), default=ORDERS, server_default=ORDERS)
    original_name: Mapped[str] = field(_("File name"), String(255))
    stored_name: Mapped[str] = mapped_column(String(80))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    source_id: Mapped[int | None] = field(_("Source"), ForeignKey("order_sources.id"))
    status: Mapped[ImportStatus] = field(_("Status"), choice(ImportStatus), default=ImportStatus.UPLOADED)
    mapping: Mapped[dict[str, Any]] = field(_("Columns"), JSON, default=dict)
    # What stood above the columns, by which the next file of the section is understood.
    headings: Mapped[list[Any]] = mapped_column(JSON, default=list, server_default="[]")
    # The set of the headings, by which the columns of an earlier import are found.
    headings_key: Mapped[str | None] = mapped_column(String(64))
    # How the file is read: its sheet, and the answers for ambiguous dates and quantities.
    reading: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    assign: Mapped[bool] = field(_("Assign in turn"), default=False)
    total_rows: Mapped[int] = field(_("Rows"), Integer, default=0)
    next_row: Mapped[int] = mapped_column(Integer, default=1)
    accepted: Mapped[int] = field(_("Accepted"), Integer, default=0)
    new_customers: Mapped[int] = field(_("New customers"), Integer, default=0)
    repeated: Mapped[int] = field(_("Repeated"), Integer, default=0)
    rejected: Mapped[int] = field(_("Rejected"), Integer, default=0)
    changed: Mapped[int] = field(_("Changed"), Integer, default=0, server_default="0")
    error: Mapped[str | None] = field(_("Error"), String(500))
    # Until this time of the database's clock, the job is leased to the worker that runs it.
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = field(_("Started"), UtcDateTime)
    finished_at: Mapped[datetime | None] = field(_("Finished at"), UtcDateTime)

    source: Mapped[OrderSource | None] = relationship(info={"label": _("Source")})
    rejections: Mapped[list[ImportRejection]] = relationship(back_populates="job")

    @property
    def is_under_way(self) -> bool:
        return self.status in {ImportStatus.QUEUED, ImportStatus.RUNNING}

    @reads("original_name")
    def __str__(self) -> str:
        return self.original_name


class ImportedRow(Row, Tenant, Model):
    """A row of a section that an import has written: by it the import is undone, and no row of a file counts twice."""

    __tablename__ = "imported_rows"
    __table_args__ = (Index("uq_imported_rows_job_id", "job_id", "row_id", unique=True),)

    job_id: Mapped[int] = mapped_column(ForeignKey("import_jobs.id"))
    row_number: Mapped[int] = mapped_column(Integer)
    row_id: Mapped[int] = mapped_column(BigInteger)
    # The columns that were changed and their values before; None for a row that was added.
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    # The version that the import has left, where the model counts versions.
    version: Mapped[int | None] = mapped_column(Integer)


class ImportRejection(Row, Tenant, Model):
    __tablename__ = "import_rejections"

    job_id: Mapped[int] = mapped_column(ForeignKey("import_jobs.id"), index=True)
    row_number: Mapped[int] = field(_("Row"), Integer)
    reason: Mapped[RejectReason] = field(_("Reason"), choice(RejectReason))
    value: Mapped[str] = field(_("Value"), String(500), default="", text=TextRule.VERBATIM)
    cells: Mapped[list[Any]] = mapped_column(JSON, default=list)

    job: Mapped[ImportJob] = relationship(back_populates="rejections")


class JobStatus(Choice):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    UNDONE = "undone", _("Undone")


class Job(Authored):
    """Columns of all jobs on a list; `section` and `query` select its rows."""

    # One token per shown form, so that a form sent twice starts one job.
    client_token: Mapped[UUID] = mapped_column(Uuid, unique=True)
    section: Mapped[str] = field(_("Section"), String(60))
    query: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[JobStatus] = field(_("Status"), choice(JobStatus), default=JobStatus.QUEUED)
    total: Mapped[int] = field(_("Rows"), Integer, default=0)
    done: Mapped[int] = field(_("Through"), Integer, default=0)
    cancel_asked: Mapped[bool] = mapped_column(default=False)
    error: Mapped[str | None] = field(_("Error"), String(500))
    # Until this time of the database's clock, the job is leased to the worker that runs it.
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = field(_("Started"), UtcDateTime)
    finished_at: Mapped[datetime | None] = field(_("Finished at"), UtcDateTime)

    @property
    @reads("status")
    def is_under_way(self) -> bool:
        return self.status in {JobStatus.QUEUED, JobStatus.RUNNING}


class BulkJob(Row, Tenant, Job, Model):
    """An action on all matching rows; `last_key` is saved with each chunk, so a restarted job continues there."""

    __tablename__ = "bulk_jobs"

    action: Mapped[str] = field(_("Action"), String(60))
    form: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # The greatest key at the confirmation: later rows are not part of the job.
    most_key: Mapped[int] = mapped_column(BigInteger, default=0)
    last_key: Mapped[int] = mapped_column(BigInteger, default=0)
    batch: Mapped[UUID | None] = mapped_column(Uuid, index=True)
    failed: Mapped[int] = field(_("Failed"), Integer, default=0)

    failures: Mapped[list[BulkFailure]] = relationship(back_populates="job")

    @classmethod
    def owned_by(cls, member_id: int) -> ColumnElement[bool]:
        return cls.created_by_id == member_id


class BulkFailure(Row, Tenant, Model):
    """A row that an action refused, with the reason."""

    __tablename__ = "bulk_failures"

    job_id: Mapped[int] = mapped_column(ForeignKey("bulk_jobs.id"), index=True)
    row_id: Mapped[int] = mapped_column(BigInteger)
    label: Mapped[str] = field(_("Item"), String(255))
    reason: Mapped[str] = field(_("Reason"), String(500))

    job: Mapped[BulkJob] = relationship(back_populates="failures")


class ExportFormat(Choice):
    XLSX = "xlsx", _("Excel")
    CSV = "csv", _("CSV")
    # The page of a report over a long range, which is read in its place and never downloaded.
    PAGE = "page", _("Page of a report")


# What a member chooses for a file.
FILE_FORMATS = (ExportFormat.XLSX, ExportFormat.CSV)


class ExportJob(Row, Tenant, Job, Model):
    """An export of a list to a file; only its author can download it, for one day."""

    __tablename__ = "export_jobs"

    columns: Mapped[list[Any]] = mapped_column(JSON, default=list)
    file_format: Mapped[ExportFormat] = field(_("Format"), choice(ExportFormat), default=ExportFormat.XLSX)
    original_name: Mapped[str] = field(_("File name"), String(255), default="")
    stored_name: Mapped[str | None] = mapped_column(String(80))
    size: Mapped[int] = field(_("Size"), BigInteger, default=0)
    masked: Mapped[bool] = mapped_column(default=False)
    expires_at: Mapped[datetime | None] = field(_("Available until"), UtcDateTime, index=True)

    @classmethod
    def owned_by(cls, member_id: int) -> ColumnElement[bool]:
        return cls.created_by_id == member_id

    @reads("original_name")
    def __str__(self) -> str:
        return self.original_name
