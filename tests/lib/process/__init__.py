"""Tests of `app.lib.process`."""
