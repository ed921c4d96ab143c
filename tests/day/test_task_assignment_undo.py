"""The undo of «انتساب به …» of tasks, singly and as a job."""

import pytest
from sqlalchemy import select

from app.lib import clock
from app.tasks.bulk import run_bulk_job
from models.audit.event import AuditEvent
from models.job import BulkJob, JobStatus
from models.member import Member
from models.notifications.notification import Notification
from models.task import Task
from models.tenancy.scope import Actor, bind
from tests.day.task_steps import ALL, bulk, post, task_of, toast, undo
from tests.factories import TaskFactory, member


class TestAssignment:
    @pytest.fixture
    def keys(self, session, manager, consultant, colleague):
        keys = [TaskFactory(owner_id=consultant.id).id for _ in range(3)]
        keys.append(TaskFactory(owner_id=colleague.id).id)
        session.commit()
        return keys

    def owners(self, session, keys):
        return [task_of(session, key).owner_id for key in keys]

    def unread(self, session, person):
        rows = session.scalars(
            select(Notification).where(Notification.member_id == person.id), execution_options=ALL
        )
        return [row.count for row in rows if row.read_at is None]

    def test_the_tasks_go_back_to_their_owners_and_the_notification_goes(
        self, session, login, manager, consultant, colleague, keys
    ):
        client = login(manager)
        answer = bulk(client, "assign", keys, owner=colleague.id)
        assert self.owners(session, keys) == [colleague.id] * 4
        # Beside that of the task which was theirs already.
        assert sorted(self.unread(session, colleague)) == [1, 3]

        assert undo(client, answer).status_code == 204

        assert self.owners(session, keys) == [consultant.id] * 3 + [colleague.id]
        assert self.unread(session, colleague) == [1]
        events = session.scalars(
            select(AuditEvent.action).order_by(AuditEvent.id), execution_options=ALL
        ).all()
        assert events[-2:] == ["assign", "undo assignment"]
        # Once only.
        assert toast(undo(client, answer))["level"] == "danger"
        assert self.owners(session, keys) == [consultant.id] * 3 + [colleague.id]

    @pytest.mark.parametrize("why", ["assigned again", "deleted", "inactive"])
    def test_what_cannot_go_back_stays_with_its_reason(
        self, session, login, organization, manager, consultant, colleague, keys, why
    ):
        client, leaver = login(manager), member("Consultant", organization, "leaver")
        task_of(session, keys[0]).owner_id = leaver.id
        session.commit()
        answer = bulk(client, "assign", keys[:2], owner=colleague.id)
        if why == "assigned again":
            task_of(session, keys[0]).owner_id = manager.id
        elif why == "deleted":
            task_of(session, keys[0]).deleted_at = clock.now()
        else:
            session.get_one(Member, leaver.id).active = False
        session.commit()
        before = self.owners(session, keys)

        undone = undo(client, answer)

        assert undone.status_code == 204
        assert self.owners(session, keys) == [before[0], consultant.id, *before[2:]]
        assert ":" in toast(undone)["text"]

    def test_nothing_moved_has_no_undo(self, login, manager, colleague, keys):
        assert toast(bulk(login(manager), "assign", keys[3:], owner=colleague.id))["undo_url"] is None

    def test_members_and_other_managers_may_not(
        self, session, login, organization, stranger_organization, manager, consultant, colleague, keys
    ):
        answer = bulk(login(manager), "assign", keys, owner=colleague.id)

        for person in (consultant, colleague, member("SupportAgent", organization)):
            assert post(login(person), toast(answer)["undo_url"]).status_code == 403
        for person in (
            member("Manager", organization, "second"),
            member("Manager", stranger_organization, "x"),
        ):
            assert toast(undo(login(person), answer))["level"] == "danger"
        # Neither does the right to edit undo an assignment.
        moment = toast(answer)["undo_url"].rpartition("/")[2]
        assert toast(post(login(manager), f"/tasks/bring-back/{moment}"))["level"] == "danger"
        assert self.owners(session, keys) == [colleague.id] * 4

    @pytest.mark.parametrize("moment", ["x", "-1", "9" * 18])
    @pytest.mark.parametrize("address", ["hand-back", "bring-back"])
    def test_a_moment_that_is_none_is_no_error(self, login, manager, address, moment):
        answer = post(login(manager), f"/tasks/{address}/{moment}")
        assert answer.status_code == 404 or toast(answer)["level"] == "danger"

    def test_a_job_is_undone_as_a_whole(self, session, login, organization, manager, consultant, colleague):
        session.add_all(Task(title=f"{number}", owner_id=consultant.id) for number in range(510))
        session.commit()
        client, former, receiver = login(manager), consultant.id, colleague.id
        sent = {"action": "assign", "_step": "run", "_all": "1", "_query": "tab=all", "owner": receiver}
        asked = post(client, "/tasks/action_post", **(sent | {"_step": ""}))
        assert asked.status_code == 200
        assert post(client, "/tasks/action_post", **sent).status_code == 200
        job = session.scalars(select(BulkJob)).one()
        run_bulk_job(job.id, organization.id)
        bind(session, Actor(organization.id, manager.id))
        job = session.get_one(BulkJob, job.id)
        session.refresh(job)
        assert job.status is JobStatus.DONE
        owners = select(Task.owner_id).distinct()
        assert session.scalars(owners).all() == [receiver]

        assert post(client, job.form["@undo"]).status_code == 204

        bind(session, Actor(organization.id, manager.id))
        assert session.scalars(owners).all() == [former]
        session.refresh(job)
        assert job.status is JobStatus.UNDONE
