"""`comanda doctor`: looks at every part, and says what to do about what is not well."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from smtplib import SMTPException

from sqlalchemy.exc import SQLAlchemyError

from backend.consents import policy as privacy_policy
from backend.mail.post import PostOffice
from backend.payments.providers import Providers
from bot.channels.pushed import open_channels
from bot.handoff import policy as handoff_policy
from comanda import database, readiness
from comanda.bootstrap import ENVIRONMENTS, PYTHON, is_current
from comanda.model import model_path
from comanda.process_identity import ProcessIdentity
from comanda.processes import PortTaken, refuse_taken_ports
from comanda.project import ROOT
from kernel.config import Settings
from nlu.processor import runs_second_encoder

MAIL_PATIENCE_S = 5.0
FREE_BYTES_LEAST = 500_000_000
MARKS = {True: "✓", False: "✗"}


@dataclass(frozen=True)
class Finding:
    """What was looked at and how it is; `remedy` is what to do when it is not well."""

    part: str
    is_well: bool
    says: str
    remedy: str = ""


def examine(settings: Settings) -> int:
    """Print every finding; returns 0 if all is well, else 1."""
    findings = list(_findings(settings))
    width = max(len(finding.part) for finding in findings)
    for finding in findings:
        print(f"{MARKS[finding.is_well]} {finding.part:<{width}}  {finding.says}")
        if not finding.is_well:
            print(f"  {'':<{width}}  → {finding.remedy}")
    sick = [finding for finding in findings if not finding.is_well]
    print(
        f"\n{len(sick)} of {len(findings)} parts need attention." if sick else f"\nAll {len(findings)} parts are well."
    )
    return 1 if sick else 0


def _findings(settings: Settings) -> Iterator[Finding]:
    yield from _set_up()
    yield _home(settings)
    yield from _database(settings)
    yield _mail(settings)
    yield _policies(settings)
    yield from _channels(settings)
    yield from _processes(settings)


def _set_up() -> Iterator[Finding]:
    version = sys.version.split()[0]
    yield Finding(
        "python", sys.version_info[:2] == PYTHON, version, "Comanda runs on Python 3.11: make clean, then make up"
    )
    for name, environment in ENVIRONMENTS.items():
        current = is_current(environment)
        says = f"{environment.path.name} is current" if current else f"{environment.path.name} does not match uv.lock"
        yield Finding(f"environment {name}", current, says, "make up (it installs what is missing)")
    runs = runs_second_encoder()
    says = "runs both sentence encoders" if runs else "has no AVX2: one encoder understands, a little worse"
    yield Finding("processor", runs, says, "Comanda works here; better on a processor with AVX2 (x86 since 2013)")
    model = model_path()
    says = f"{model.relative_to(ROOT)} is current" if model.exists() else "there is none of the present sources"
    yield Finding("model", model.exists(), says, "comanda train")


def _home(settings: Settings) -> Finding:
    home = settings.home
    existing = next(path for path in (home, *home.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    says = f"{home}, {free / 1e9:.1f} GB free"
    return Finding("disk", free > FREE_BYTES_LEAST, says, "make room, or move the data: COMANDA_HOME=…")


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        behind = database.owners_behind(settings)
    except SQLAlchemyError as error:
        remedy = "check DATABASE_URL and that the server is up"
        yield Finding("database", False, f"cannot be reached: {type(error).__name__}", remedy)
        return
    yield Finding("database", True, _without_password(settings.database_url))
    says = f"behind: {', '.join(behind)}" if behind else "every table is of the newest version"
    yield Finding("migrations", not behind, says, "comanda migrate (make up does it too)")
    if behind:
        return
    yield _payments(settings)
    if not settings.is_demo:
        return
    count = database.variants_count(settings)
    yield Finding("demo shop", count > 0, f"{count} variants in the catalog", "comanda seed")


def _mail(settings: Settings) -> Finding:
    url = settings.smtp_url.get_secret_value()
    if not url:
        return Finding("mail", True, "no SMTP_URL: mails are kept and can be read at /console/mail")
    try:
        office = PostOffice.at(url, settings.mail_from, timeout_s=MAIL_PATIENCE_S)
        office.check()
    except ValueError as error:
        return Finding("mail", False, str(error), "correct SMTP_URL and MAIL_FROM")
    except (OSError, SMTPException) as error:
        return Finding("mail", False, f"the server cannot be used: {type(error).__name__}", "check SMTP_URL")
    return Finding("mail", True, f"{office.host}:{office.port} takes mail")


def _policies(settings: Settings) -> Finding:
    try:
        version = privacy_policy.read(settings.privacy_policy).version
        handoff_policy.read(settings.handoff_policy)
    except ValueError as error:
        return Finding("policies", False, str(error).splitlines()[0], "correct that file, or leave the setting out")
    owner = "the shop's own" if settings.privacy_policy else "Comanda's"
    return Finding("policies", True, f"privacy policy {version}, {owner}")


def _channels(settings: Settings) -> Iterator[Finding]:
    try:
        channels = open_channels(settings)
    except ValueError as error:
        yield Finding("channels", False, str(error).splitlines()[0], "correct that setting")
        return
    given = (
        settings.twilio_account_sid,
        settings.twilio_auth_token.get_secret_value(),
        settings.twilio_whatsapp_from,
    )
    if any(given) and not all(given):
        remedy = "set all of TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_WHATSAPP_FROM"
        yield Finding("whatsapp", False, "only a part of the credentials is set", remedy)
    for name, channel in channels.items():
        health = channel.health()
        yield Finding(name, health.is_well, health.says, health.remedy)


def _payments(settings: Settings) -> Finding:
    named = database.payment_providers(settings)
    ready = Providers.of(settings).codes
    missing = sorted(named - set(ready))
    if not missing:
        says = f"{', '.join(sorted(named))} can make pay links" if named else "the shop takes no payment online"
        return Finding("online payments", True, says)
    remedy = f"give {missing[0]} its keys, or set another provider: PUT /api/staff/shop/payments"
    if missing == ["demo"]:
        remedy = "set STRIPE_API_KEY and STRIPE_WEBHOOK_SECRET, then the provider: PUT /api/staff/shop/payments"
    return Finding("online payments", False, f"the shop names {', '.join(missing)}, which cannot be used here", remedy)


def _processes(settings: Settings) -> Iterator[Finding]:
    supervisor = ProcessIdentity.read(settings.home / "run" / "supervisor.pid")
    if supervisor is None:
        yield Finding("supervisor", False, "nothing runs from this home", "make up")
        yield _ports(settings)
        return
    yield Finding("supervisor", True, f"pid {supervisor.pid}")
    questions: dict[str, Callable[[Settings], bool]] = {
        "web": readiness.web_is_ready,
        "worker": readiness.worker_is_ready,
        "actions": readiness.actions_are_ready,
        "rasa": readiness.rasa_is_ready,
    }
    for name, question in questions.items():
        yield _process(settings, name, question)
    served = readiness.rasa_model(settings)
    if served is not None:
        is_newest = served == model_path().name
        yield Finding("model in use", is_newest, served, "stop and start again: Rasa serves an older model")


def _process(settings: Settings, name: str, is_ready: Callable[[Settings], bool]) -> Finding:
    process = ProcessIdentity.read(settings.home / "run" / f"{name}.pid")
    where = f"pid {process.pid}" if process else "not running"
    is_well = process is not None and is_ready(settings)
    says = f"{where}, ready" if is_well else f"{where}, not ready"
    return Finding(name, is_well, says, f"it may still be starting; else: comanda logs {name}")


def _ports(settings: Settings) -> Finding:
    try:
        refuse_taken_ports(settings)
    except PortTaken as error:
        return Finding("ports", False, "one is in use by something else", str(error))
    return Finding("ports", True, f"{settings.port}, {settings.rasa_port}, {settings.actions_port} are free")


def _without_password(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    _credentials, at, place = rest.rpartition("@")
    return f"{scheme}{separator}{'…@' if at else ''}{place}"
