"""How often which state, method and support stand in the sales of the demo."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from app.services.demo.names import Weighted
from models.sale import SaleStatus
from models.transaction import PaymentMethod

# The first sales have neither payments nor support: `pay` and `support` give them some of each kind.
PLAIN = 5
SETTLED_AFTER = timedelta(days=21)
CALLED_AFTER = timedelta(days=3)
WAITS_FOR = timedelta(days=14)
STEP = 100_000
OLD = Weighted(
    [
        (SaleStatus.DELIVERED, 55),
        (SaleStatus.PAID, 18),
        (SaleStatus.PARTLY_PAID, 12),
        (SaleStatus.CONFIRMED, 4),
        (SaleStatus.CANCELLED, 5),
        (SaleStatus.REFUNDED, 6),
    ]
)
FRESH = Weighted([(SaleStatus.CONFIRMED, 25), (SaleStatus.PARTLY_PAID, 35), (SaleStatus.PAID, 40)])
METHODS = Weighted(
    [
        (PaymentMethod.CARD, 45),
        (PaymentMethod.GATEWAY, 30),
        (PaymentMethod.ON_DELIVERY, 12),
        (PaymentMethod.CHEQUE, 8),
        (PaymentMethod.CASH, 5),
    ]
)
WITHOUT_REFERENCE = frozenset({PaymentMethod.CASH, PaymentMethod.ON_DELIVERY})
BANKS = ("ملت", "ملی", "صادرات", "سامان", "پاسارگاد", "تجارت")
DISCOUNTS = Weighted([(0, 75), (5, 12), (10, 10), (20, 3)])
CANCELLED = Weighted([("مشتری منصرف شد", 3), ("دوره هم‌زمان با امتحان او بود", 1), ("دو بار ثبت شده بود", 1)])
REFUNDED = Weighted([("از دوره راضی نبود", 2), ("مهاجرت کرد", 1), ("کلاس به حد نصاب نرسید", 2)])
HELPED = "راهنمایی شد"
SUPPORT = Weighted([(HELPED, 50), ("پاسخ نداد", 20), ("تماس مجدد", 14), ("در حال بررسی", 10), ("شکایت", 6)])
SUPPORT_NOTES: Mapping[str, Weighted[str | None]] = {
    HELPED: Weighted([(None, 4), ("فعال‌سازی حساب را قدم‌به‌قدم انجام داد", 2), ("برنامهٔ کلاس برایش فرستاده شد", 2)]),
    "پاسخ نداد": Weighted([(None, 6), ("دو بار تماس گرفته شد", 1)]),
    "تماس مجدد": Weighted([(None, 3), ("خواست آخر هفته تماس بگیریم", 2)]),
    "در حال بررسی": Weighted([("کد رهگیری خواسته شد", 2), ("از واحد فنی پرسیده شد", 1)]),
    "شکایت": Weighted([("بستهٔ پستی هنوز نرسیده است", 2), ("صدای جلسهٔ سوم قطع است", 1)]),
}  # fmt: skip
