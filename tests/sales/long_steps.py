"""The steps of an import of a large file, whose preview a job makes."""

from app.tasks.export import run_export
from models.job import ExportJob
from models.tenancy.scope import Actor, bind
from tests.sales.import_steps import upload

TEXT = (
    "موبایل,کالا,تاریخ,ایمیل\n"
    "09121234567,K-1,1405/06/01,a@example.com\n"
    "09121234567,K-1,1405/06/02,\n"
    "ندارد,K-1,1405/06/01,\n"
    "09127654321,K-1,1405/06/01,ندارد\n"
)
AMBIGUOUS = "موبایل,کالا,تاریخ\n09121234567,K-1,05/06/2026\n09127654321,K-1,07/08/2026\n"
COLUMNS = {"column-0": "mobile", "column-1": "product", "column-2": "ordered_at", "column-3": "email"}
MAKING = "/imports/make/"


def started(session, client, text=TEXT):
    """The key of an import of *text* whose columns are chosen."""
    key = upload(text).id
    session.commit()
    assert client.post(f"/imports/columns/{key}", data=COLUMNS).location == f"/imports/preview/{key}"
    return key


def made(session, client, key, *, runs=True, token="a"):
    """The job of the preview that *client* asks for, after its run."""
    answer = client.post(f"/imports/make/{key}", data={"_token": token})
    assert answer.location == f"/imports/preview/{key}"
    job = session.query(ExportJob).order_by(ExportJob.id.desc()).first()
    return work(session, job) if runs else job


def work(session, job):
    """*job* after a worker has run it."""
    export, owner = job.id, job.organization_id
    session.commit()
    loaded = list(session)
    try:
        run_export(export, owner)
    finally:
        # What the test has loaded stays usable.
        session.expunge_all()
        session.add_all(loaded)
        bind(session, Actor(owner))
        session.expire_all()
    return session.get_one(ExportJob, export)


def shown(client, key):
    """The page of the preview."""
    answer = client.get(f"/imports/preview/{key}")
    assert answer.status_code == 200
    return answer.text
