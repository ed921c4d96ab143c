"""The steps of an import as a browser takes them."""

import re
from io import BytesIO
from uuid import uuid4

from sqlalchemy import select

from app.extensions import db
from app.tasks.section_imports import run_section_import
from models.job import ImportJob
from models.tenancy.scope import Actor, acting_as, bind

PRODUCTS = "عنوان,کد,قیمت\nکتاب,B-1,1000\nجزوه,B-2,2000\n"


def upload(client, data, *, slug="products", name="rows.csv", token=None):
    content = data.encode() if isinstance(data, str) else data
    form = {"file": (BytesIO(content), name), "client_token": str(token or uuid4())}
    return client.post(f"/{slug}/import", data=form, content_type="multipart/form-data")


def guessed(page):
    """The columns as the page chooses them."""
    found = {}
    for name in re.findall(r'name="(column-\d+)"', page):
        options = page.split(f'name="{name}"')[1].split("</select>")[0]
        chosen = re.search(r'value="(\w+)" selected', options)
        if chosen:
            found[name] = chosen[1]
    return found


def map_columns(client, url, **columns):
    return client.post(f"{url}/columns", data=columns or guessed(client.get(url).text))


def start(client, data, *, slug="products", **columns):
    """An import that waits for a worker: (its address, its id)."""
    url = upload(client, data, slug=slug).location
    map_columns(client, url, **columns)
    client.post(f"{url}/run")
    return url, int(url.rpartition("/")[2])


def work(session, organization, key):
    """Do the job as a worker does; what the test has loaded stays usable."""
    owner = organization.id
    session.commit()
    loaded = list(session)
    try:
        run_section_import(key, owner)
    finally:
        session.expunge_all()
        session.add_all(loaded)
        bind(session, Actor(owner))
        session.expire_all()
    return session.get_one(ImportJob, key)


def stored(session, organization, model):
    bind(session, Actor(organization.id))
    session.expire_all()
    return list(session.scalars(select(model).order_by(model.id)))


def jobs_of(organization):
    with acting_as(db.session(), Actor(organization.id)) as session:
        return session.scalars(select(ImportJob.status).order_by(ImportJob.id)).all()
