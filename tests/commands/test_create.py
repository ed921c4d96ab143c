"""The commands that create organisations and platform admins: what they take, and how they refuse the rest."""

import json

import pytest
from sqlalchemy import select

from models.member import Member
from models.organization import Organization
from models.product import Product

UNSCOPED = {"unscoped": True}


class TestOrganization:
    @pytest.fixture
    def create(self, app, session, tmp_path):
        def run(content: bytes, slug: str = "nika", name: str = "نیکا"):
            file = tmp_path / "products.json"
            file.write_bytes(content)
            arguments = ["create-organization", slug, "--name", name, "--products", str(file)]
            return app.test_cli_runner().invoke(args=arguments)

        return run

    @pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
    def test_takes_codes_and_titles(self, create, session, mark):
        done = create(mark + json.dumps({"products": {" P-1 ": "دوره", "P-2": "كتاب"}}).encode())

        rows = select(Product.code, Product.title).join(
            Organization, Organization.id == Product.organization_id
        )
        stored = session.execute(rows.where(Organization.slug == "nika"), execution_options=UNSCOPED)
        assert (done.exit_code, dict(stored.all())) == (0, {"P-1": "دوره", "P-2": "کتاب"})

    @pytest.mark.parametrize(
        "content",
        [
            b"{",
            b"\xff\xfe",
            b"[" * 100_000,
            b"[]",
            b'{"titles": {}}',
            b'{"products": ["P-1"]}',
            b'{"products": {"P-1": 5}}',
            b'{"products": {"P-1": "a", "": "b"}}',
            b'{"products": {"P-1": "a", "P-2": " "}}',
            b'{"products": {"P-1": "a", " P-1": "b"}}',
            json.dumps({"products": {"P-1": "a", "P" * 41: "b"}}).encode(),
            json.dumps({"products": {"P-1": "a", "P-2": "b" * 121}}).encode(),
        ],
    )
    def test_refuses_other_files_with_a_sentence(self, create, session, content):
        refused = create(content)

        assert (refused.exit_code, refused.stderr[:7]) == (1, "Error: ")
        assert "Traceback" not in refused.output
        assert session.scalar(select(Organization).where(Organization.slug == "nika")) is None

    def test_refuses_a_folder_and_names_that_are_too_long(self, app, create, session, tmp_path):
        folder = ["create-organization", "nika", "--name", "x", "--products", str(tmp_path)]
        products = b'{"products": {}}'

        codes = [
            app.test_cli_runner().invoke(args=folder).exit_code,
            create(products, slug="n" * 61).exit_code,
            create(products, name="ن" * 121).exit_code,
        ]

        assert codes == [2, 1, 1]
        assert create(products, slug="n" * 60).exit_code == 0


class TestAdmin:
    @pytest.mark.parametrize(
        ("username", "email", "code"),
        [
            ("root", "root@example.ir", 0),
            ("root", "root", 1),
            ("root", "", 1),
            ("ro ot", "root@example.ir", 1),
            ("", "root@example.ir", 1),
            ("r" * 61, "root@example.ir", 1),
        ],
    )
    def test_has_a_name_and_an_address_for_links(self, app, session, username, email, code):
        done = app.test_cli_runner().invoke(args=["create-admin", username, "--email", email])

        assert done.exit_code == code
        assert len(session.scalars(select(Member).where(Member.username == username)).all()) == 1 - code
