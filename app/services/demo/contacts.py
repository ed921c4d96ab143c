"""The demo's phones and addresses of customers, and the dossiers of the companies that some of them belong to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from app.extensions import db
from app.lib.jalali import today
from app.services.demo.draw import Draw
from app.services.demo.names import FIRST, LAST
from app.services.order.phone import write_phones_key
from models.customer import Address, Customer, CustomerPhone
from models.dossier import DocumentKind, Dossier, DossierContact, DossierDocument

# (legal name, national ID, industry, phone, website) of companies that do not exist.
COMPANIES = (
    (
        "شرکت پارس‌گستر فناوری جنوب",
        "14009876545",
        "فناوری اطلاعات",
        "+987136284400",
        "https://parsgostar.example",
    ),
    ("مؤسسه آموزشی راه روشن", "10380284790", "آموزش", "+982188776655", "https://rahroshan.example"),
    ("تعاونی تولیدی نسترن", None, "پوشاک", None, None),
)
STREETS = (
    "بلوار چمران، کوچهٔ ۱۲، ساختمان نسترن، واحد ۵",
    "خیابان آزادی، نبش کوچهٔ مینا، پلاک ۱۴",
    "شهرک غرب، فاز ۲، پلاک ۷",
    "خیابان امام خمینی، کوچهٔ بهار، پلاک ۸، طبقهٔ ۳",
    "بلوار کشاورز، روبه‌روی بانک ملی، ساختمان ۲۱۰",
    "خیابان معلم، معلم ۱۲، پلاک ۴۵",
)
POSITIONS = ("مدیر منابع انسانی", "مدیرعامل", "کارپرداز")
# The days until each document expires; None for one without an end.
DOCUMENTS = (
    (DocumentKind.CONTRACT, 20),
    (DocumentKind.TAX_CERTIFICATE, -6),
    (DocumentKind.REGISTRATION, None),
)
CUSTOMERS = 12


def write_contacts(draw: Draw, author_id: int) -> None:
    """Add the contacts of the first customers, and the dossiers of *author_id*."""
    first = select(Customer).order_by(Customer.id).limit(CUSTOMERS)
    customers = db.session.scalars(first).all()
    for customer in customers:
        _add_contacts(draw, customer)
    dossiers = [_dossier(draw, number, author_id) for number in range(len(COMPANIES))]
    db.session.flush()
    for number, customer in enumerate(customers[: 2 * len(dossiers)]):
        customer.dossier = dossiers[number % len(dossiers)]
        write_phones_key(customer.id)
    _add_duplicates(customers)
    db.session.flush()


def _add_duplicates(customers: Sequence[Customer]) -> None:
    """Customers who share a number with another one, for the page of duplicates."""
    for customer, other in zip(customers[-4:-2], customers[-2:], strict=False):
        db.session.add(CustomerPhone(customer_id=customer.id, title="همراه دوم", number=other.mobile))
    db.session.flush()
    for customer in customers[-4:-2]:
        write_phones_key(customer.id)


def _add_contacts(draw: Draw, customer: Customer) -> None:
    has_default = db.session.scalar(
        select(Address.id).where(Address.customer_id == customer.id, Address.is_default)
    )
    lines = draw.random.sample(STREETS, draw.random.randrange(3))
    for number, line in enumerate(lines):
        db.session.add(
            Address(
                customer_id=customer.id,
                province=customer.province,
                city=customer.city,
                line=line,
                postal_code=str(draw.random.randrange(1_111_111_112, 9_999_999_998)),
                receiver=customer.name,
                is_default=number == 0 and not has_default,
            )
        )
    if draw.random.random() < 0.5:
        digits = draw.random.randrange(10**7)
        db.session.add(CustomerPhone(customer_id=customer.id, title="محل کار", number=f"0213{digits:07d}"))


def _dossier(draw: Draw, number: int, author_id: int) -> Dossier:
    name, national_id, industry, phone, website = COMPANIES[number]
    dossier = Dossier(
        legal_name=name,
        national_id=national_id,
        economic_code=national_id,
        registration_number=str(58_210 + number),
        industry=industry,
        phone=phone,
        website=website,
        created_by_id=author_id,
    )
    db.session.add(dossier)
    db.session.flush()
    for place, position in enumerate(POSITIONS):
        person = f"{FIRST.pick(draw.random)} {LAST.pick(draw.random)}"
        mobile = next(draw.mobiles)
        db.session.add(
            DossierContact(
                dossier_id=dossier.id, name=person, position=position, mobile=mobile, is_liaison=place == 0
            )
        )
    for kind, days in DOCUMENTS:
        expires_on = None if days is None else today() + timedelta(days=days)
        db.session.add(DossierDocument(dossier_id=dossier.id, kind=kind, expires_on=expires_on))
    return dossier
