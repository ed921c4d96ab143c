"""The file of the demo: a page of a PDF that each viewer opens."""

from __future__ import annotations

_FONTS = "<< /Font << /F1 5 0 R >> >>"


def _pdf(*lines: str) -> bytes:
    """One page with *lines* of Latin text."""
    text = "BT /F1 16 Tf 40 200 Td 26 TL " + " ".join(f"({line}) Tj T*" for line in lines) + " ET"
    objects = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 420 260] /Contents 4 0 R /Resources {_FONTS} >>",
        f"<< /Length {len(text)} >>\nstream\n{text}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    body, places = "%PDF-1.4\n", []
    for number, each in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj\n{each}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return (body + end).encode("ascii")


RECEIPT = _pdf(
    "Bank receipt (sample)", "Amount: 85,000,000 IRR", "Reference: 41300217", "Thank you for your payment."
)
