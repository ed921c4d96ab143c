"""Celery settings of the SMS tasks, and the shutdown of a worker."""

from celery.signals import worker_shutting_down

from app.extensions import celery
from app.tasks.sms import _start, is_stopping

TICKS = {"sms.dispatch", "sms.reap", "sms.reconcile", "sms.prepare", "sms.reports", "sms.credit"}


def test_an_unconsumed_tick_expires_and_is_not_redelivered(app):
    for name in TICKS:
        assert celery.tasks[name].expires == 30
        assert not celery.tasks[name].acks_late
        assert celery.conf.beat_schedule[name]["options"]["expires"] == 30


def test_the_audit_runs_every_night(app):
    assert celery.conf.beat_schedule["sms.audit"]["task"] == "sms.audit"


def test_tasks_are_json_and_publishing_never_retries(app):
    assert celery.conf.accept_content == ["json"]
    assert not celery.conf.task_publish_retry
    assert (celery.conf.worker_prefetch_multiplier, celery.conf.worker_max_tasks_per_child) == (1, 1000)
    assert celery.conf.worker_soft_shutdown_timeout == 30


def test_a_stopping_worker_signals_its_pool(app):
    assert not is_stopping()

    worker_shutting_down.send(sender=None)
    stopped = is_stopping()
    _start()

    assert stopped
    assert not is_stopping()
