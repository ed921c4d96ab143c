"""The mail as the server gets it: text, HTML, files, and an identity that stays."""

from email import message_from_bytes, policy

from app.gateways.mailer import MailFile, MailMessage, SmtpMailer

MAILER = SmtpMailer("smtp://mail.example.ir", "ava@panel.example.ir")


def encoded(**more):
    message = MailMessage("x@example.ir", "گزارش «روزانه»", "متن", **more)
    return message_from_bytes(MAILER._encode(message).as_bytes(), policy=policy.default)


def test_a_text_alone_has_one_part():
    mail = encoded()
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().strip() == "متن"
    assert mail["Subject"] == "گزارش «روزانه»"


def test_html_and_files_stand_beside_the_text():
    mail = encoded(
        html="<p>متن</p>", files=[MailFile("روزانه-1405-02-09.xlsx", b"PK\x03", "application/zip")]
    )
    assert mail.get_body(("plain",)).get_content().strip() == "متن"
    assert mail.get_body(("html",)).get_content().strip() == "<p>متن</p>"
    (file,) = mail.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("روزانه-1405-02-09.xlsx", b"PK\x03")


def test_a_mail_with_a_key_has_the_same_identity_each_time():
    assert encoded(key="report-7")["Message-ID"] == "<report-7@panel.example.ir>"
    assert encoded(key="report-7")["Message-ID"] == encoded(key="report-7")["Message-ID"]
    assert encoded()["Message-ID"] != encoded()["Message-ID"]
