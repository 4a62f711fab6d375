"""Mails: one SMTP server, or files in the development mailbox; text only, no personal data of an assuré."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.config import settings
from app.kit import metrics
from app.kit.ids import new_id

APP = Path(__file__).parent.parent
TEMPLATES = Environment(
    loader=FileSystemLoader(APP),
    undefined=StrictUndefined,
    trim_blocks=True,
    autoescape=False,  # noqa: S701  # text
)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail ready to leave; `key` is stable over retries, so a double is seen as one."""

    key: str
    nature: str
    to: str
    subject: str
    text: str


def compose(template: str, key: str, to: str, **values: str) -> Mail:
    """Fill a template: its first line is the subject."""
    rendered = TEMPLATES.get_template(template).render(base_url=settings().base_url, **values)
    subject, _, text = rendered.partition("\n")
    return Mail(key, Path(template).stem, to, subject.strip(), text.strip() + "\n")


def message(mail: Mail) -> EmailMessage:
    email = EmailMessage(policy=SMTP.clone(utf8=False))
    host = urlsplit(settings().base_url).hostname or "localhost"
    email["From"], email["To"], email["Subject"] = settings().mail_from, mail.to, mail.subject
    email["Date"] = formatdate()
    email["Message-ID"] = f"<{mail.key}@{host}>"
    email["Auto-Submitted"] = "auto-generated"
    email.set_content(mail.text)
    return email


async def send(mail: Mail) -> None:
    """Hand a mail over. Raises aiosmtplib.SMTPException or OSError: the job tries again."""
    url = settings().smtp_url.get_secret_value()
    if url:
        await _by_smtp(message(mail), url)
    else:
        _to_mailbox(message(mail))
    metrics.MAILS.labels(mail.nature).inc()


async def _by_smtp(email: EmailMessage, url: str) -> None:
    parts = urlsplit(url)
    wants_tls = parse_qs(parts.query).get("starttls", ["false"])[0] == "true"
    await aiosmtplib.send(
        email,
        hostname=parts.hostname,
        port=parts.port or 25,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        start_tls=wants_tls,
        timeout=20,
    )


def mailbox() -> Path:
    return settings().data_dir / "mails"


def _to_mailbox(email: EmailMessage) -> None:
    mailbox().mkdir(parents=True, exist_ok=True)
    (mailbox() / f"{new_id()}.eml").write_bytes(bytes(email))
