"""Words of headings, by the field that they name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def _words(*lines: str) -> Sequence[str]:
    return [word for line in lines for word in line.split(" | ")]


# The order is the priority for a heading that matches several fields; in each field, the clearest words come first.
SYNONYMS: Mapping[str, Sequence[str]] = {
    "mobile": _words(
        "موبایل | تلفن همراه | همراه | شماره موبایل | شماره همراه | شماره تلفن همراه | موبایل مشتری",
        "شماره تماس | تلفن تماس | شماره تلفن | تلفن | تماس | شماره | mobile | mobile number",
        "mobile phone | cell phone | cellphone | phone number | phone | tel | cell | phone no",
        "mobile no | contact number | whatsapp number | whatsapp | واتساپ",
    ),
    "reference": _words(
        "شماره سفارش | کد سفارش | شناسه سفارش | شماره فاکتور | کد پیگیری | کد رهگیری | شناسه",
        "order id | order number | reference | order no | order ref | order code | order",
        "invoice number | invoice no | tracking code | transaction id",
    ),
    "product": _words(
        "محصول | نام محصول | عنوان محصول | کد محصول | کالا | نام کالا | کد کالا | دوره | نام دوره",
        "عنوان دوره | عنوان کالا | خدمت | product | product name | product code | sku",
        "product title | item name | item title | lineitem name | line item name | line items | item",
        "item code | product sku | course | course name | service",
    ),
    "ordered_at": _words(
        "تاریخ سفارش | تاریخ ثبت سفارش | تاریخ ثبت | تاریخ | تاریخ و ساعت | تاریخ و زمان | تاریخ ایجاد",
        "تاریخ خرید | تاریخ تماس | زمان | زمان سفارش | زمان ثبت | date | order date | ordered at",
        "created at | date created | created time | created | creation date | order time",
        "order datetime | submission date | submission time | submitted at | submit time | timestamp",
        "purchase date | registration date | lead date | date time | datetime | تاریخ سفارش گذاری",
    ),
    "postal_code": _words(
        "کد پستی | پستی | postal code | postcode | zip | zip code | کدپستی ده رقمی | post code",
        "zipcode | postal",
    ),
    "address": _words(
        "آدرس | نشانی | نشانی پستی | address | street | street address | address line | آدرس پستی",
        "آدرس کامل",
    ),
    "email": _words(
        "ایمیل | پست الکترونیک | پست الکترونیکی | رایانامه | email | e-mail | mail | email address",
        "میل",
    ),
    "last_name": _words(
        "نام خانوادگی | فامیلی | فامیل | خانوادگی | last name | family name | surname | lastname",
        "lname | نام فامیلی",
    ),
    "full_name": _words(
        "نام و نام خانوادگی | نام و فامیلی | نام و فامیل | اسم و فامیل | نام کامل | نام مشتری",
        "نام خریدار | نام گیرنده | نام تحویل گیرنده | full name | customer name | your name | buyer | buyer name | billing name",
        "shipping name | contact name | lead name | client name | نام متقاضی",
        "نام و نام‌خانوادگی مشتری | اسم و نام خانوادگی | خریدار | مخاطب | مشتری | customer | name",
    ),
    "first_name": _words(
        "نام | نام کوچک | اسم | first name | given name | forename | fname | نام خود | نام شما",
    ),
    "quantity": _words(
        "تعداد | مقدار | تعداد سفارش | quantity | qty | count | item qty | item quantity",
        "lineitem quantity | number of items | تعداد کالا | تعداد محصول",
    ),
    "note": _words(
        "یادداشت | یادداشت مشتری | توضیح | توضیحات | ملاحظات | شرح | note | notes | comment",
        "description | customer note | order note | message | remarks | پیام | نظر",
    ),
    "province": _words(
        "استان | نام استان | province | state | billing state | shipping state | region",
    ),
    "city": _words(
        "شهر | شهرستان | نام شهر | شهر محل سکونت | شهر سکونت | شهر گیرنده | city | town",
    ),
}
# These name a field only as a whole heading.
VAGUE = _words(
    "شماره | زمان | شناسه | دوره | نظر | پیام | میل | مشتری | خریدار | مخاطب | name | date | item | state | count | order",
    "service | created | cell | mail | region | message | street | customer | buyer | course | description | reference",
)
# A heading that contains one of these names no field by its other words.
MISLEADING = _words("تولد | کد ملی | شماره ملی | کارت | ثابت | حساب | شبا | وضعیت | birth | company | status")
