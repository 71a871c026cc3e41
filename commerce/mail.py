"""Which way mails leave."""

from commerce.mail_files import FileMailer
from commerce.mail_smtp import SmtpMailer
from commerce.ports import Clock, Mailer, NewId
from commerce.settings import CommerceSettings


def mailer_for(settings: CommerceSettings, now_ms: Clock, new_id: NewId) -> Mailer:
    """Return the mailer for the settings: SMTP when an address is set, else files in the data folder."""
    if settings.smtp_url:
        return SmtpMailer(settings.smtp_url, settings.mail_from, now_ms, new_id)
    return FileMailer(f"{settings.data_folder}/mail", settings.mail_from, now_ms, new_id)
