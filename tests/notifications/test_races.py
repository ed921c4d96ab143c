"""Two workers remind at once: each document is told once, and counted once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.extensions import db
from app.lib.jalali import today
from app.services import dossier as dossiers
from app.tasks.dossiers import remind_of_documents
from models.dossier import DocumentKind, DossierDocument
from models.notifications.notification import Notification
from tests.factories import DossierFactory
from tests.support.racing import at_once

pytestmark = pytest.mark.postgresql

DOCUMENTS = 24


def test_two_workers_tell_of_each_document_once(arena, monkeypatch):
    monkeypatch.setattr(dossiers, "_CHUNK", 2)
    author = arena.member("Manager", "nasrin")
    with arena.actor(author) as session:
        dossier = DossierFactory()
        for number in range(DOCUMENTS):
            values = {"kind": DocumentKind.CONTRACT, "expires_on": today() + timedelta(days=number % 30)}
            session.add(DossierDocument(dossier_id=dossier.id, **values))

    def work():
        with arena.app.app_context():
            try:
                return remind_of_documents.run()
            finally:
                db.session.remove()

    found = at_once(work, work, work)

    assert sum(found) == DOCUMENTS
    told = arena.all(select(Notification.member_id, Notification.count))
    assert [tuple(each) for each in told] == [(author, DOCUMENTS)]
