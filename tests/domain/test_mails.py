from __future__ import annotations

import asyncio
import datetime
import ssl
import sys
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import select, update

from chatelier.config import Settings, load_settings
from chatelier.db.models import Mail, User
from chatelier.domain import mailing, mails, smtp, upgrades, users
from chatelier.domain.letters import Letter
from chatelier.errors import CannotStart, NotFound
from chatelier.ids import new_id
from chatelier.services import Services
from tests.engines import clock
from tests.mail_server import PASSWORD, USER, Post, mail_server
from tests.people import People, until

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS"),  # it sees no TLS that it did not begin
]
LETTER = Letter(subject="Hello", text="First.\n\n.\n\nThird, with ünusual letters.")


@pytest.fixture
def post() -> Iterator[Post]:
    with mail_server() as running:
        yield running


@pytest.fixture
def settings(settings: Settings, post: Post) -> Settings:
    values = {"smtp_url": post.url, "mail_from": "The house <house@example.org>", "base_url": "https://paint.test"}
    return settings.model_copy(update=values)


async def written(services: Services, to: User, letter: Letter = LETTER, key: str = "one") -> None:
    async with services.transaction() as db:
        await mails.write(db, letter, to=to.id, key=key)


async def ended(services: Services, *states: str) -> Mail:
    async def look() -> Mail | None:
        async with services.transaction() as db:
            return await db.scalar(select(Mail).where(Mail.state.in_(states)))

    return await until(look)


async def test_a_mail_goes_out_once_with_what_it_says(
    services: Services, people: People, worker: None, post: Post
) -> None:
    ada = await people.user("ada")
    await asyncio.gather(*(written(services, ada) for _ in range(5)))
    mail = await ended(services, "sent")
    await asyncio.gather(*(mailing.run_mail(services, mail.id) for _ in range(5)))
    assert post.texts == 1
    [got] = post.mails
    assert post.recipients == ["ada@example.org"]
    assert got["From"] == "The house <house@example.org>"
    assert got["Subject"] == "Hello"
    assert got["Message-ID"] == f"<{mail.id}@example.org>"
    text = got.get_content().replace("\r\n", "\n")
    assert text.startswith(LETTER.text)
    assert "https://paint.test" in text
    assert mail.sent_at is not None


async def test_nothing_is_written_when_its_transaction_fails(services: Services, people: People, post: Post) -> None:
    ada = await people.user("ada")

    async def half() -> None:
        async with services.transaction() as db:
            await mails.write(db, LETTER, to=ada.id, key="one")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await half()
    async with services.transaction() as db:
        assert await db.scalar(select(Mail)) is None


@pytest.mark.parametrize(
    ("faults", "state", "texts"),
    [
        (["450 busy", "drop", "text 451 later"], "sent", 2),
        (["550 nobody here"], "failed", 0),
        (["text 554 no"], "failed", 1),
        (["drop after"], "unknown", 1),
    ],
)
async def test_only_what_certainly_was_not_taken_is_sent_again(
    services: Services,
    people: People,
    worker: None,
    post: Post,
    monkeypatch: pytest.MonkeyPatch,
    faults: list[str],
    state: str,
    texts: int,
) -> None:
    monkeypatch.setattr(mailing, "BACKOFF", (0,) * 7)
    post.faults = list(faults)
    ada = await people.user("ada")
    await written(services, ada)
    mail = await ended(services, "sent", "failed", "unknown")
    assert (mail.state, post.texts, post.faults) == (state, texts, [])
    assert (mail.detail == "") == (state == "sent")
    async with services.transaction() as db:
        assert [one.id for one in await mails.list_notices(db, ada)] == ([] if state == "sent" else [mail.id])


async def test_a_server_that_is_away_is_tried_less_and_less_often_and_given_up(
    services: Services, people: People, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailing, "BACKOFF", (60, 300))
    ada = await people.user("ada")
    await written(services, ada)
    post.faults = ["451 no"] * 3
    async with services.transaction() as db:
        mail = (await db.scalars(select(Mail))).one()
    waits = []
    for _ in range(3):
        await mailing.run_mail(services, mail.id)
        async with services.transaction() as db:
            mail = (await db.scalars(select(Mail))).one()
        waits.append((mail.state, round((mail.due_at - mail.created_at).total_seconds(), -1)))
    assert waits == [("waiting", 60), ("waiting", 300), ("failed", 300)]


KILLED = """
import asyncio, sys
from uuid import UUID
from chatelier.config import Settings
from chatelier.domain.mailing import run_mail
from chatelier.services import open_services

async def main():
    settings = Settings.model_validate_json(sys.argv[1])
    async with open_services(settings) as services:
        await run_mail(services, UUID(sys.argv[2]))

asyncio.run(main())
"""


async def test_a_worker_killed_while_the_text_is_out_sends_nothing_twice(
    services: Services, people: People, post: Post, settings: Settings
) -> None:
    ada = await people.user("ada")
    await written(services, ada)
    async with services.transaction() as db:
        mail = (await db.scalars(select(Mail))).one()
    post.faults = ["hang"]
    command = (sys.executable, "-c", KILLED, settings.model_dump_json(), str(mail.id))
    child = await asyncio.create_subprocess_exec(*command)
    assert await asyncio.to_thread(post.hanging.wait, 60)
    child.kill()
    await child.wait()
    await mailing.sweep_mails(services)
    assert (await ended(services, "sending")).id == mail.id  # its lease still runs
    async with services.transaction() as db:
        await db.execute(update(Mail).values(lease_until=mail.created_at))
    await mailing.sweep_mails(services)
    assert (await ended(services, "unknown")).detail
    await mailing.run_mail(services, mail.id)
    assert post.texts == 1


async def test_a_mail_whose_worker_died_before_the_text_is_sent_by_the_next(
    services: Services, people: People, post: Post
) -> None:
    ada = await people.user("ada")
    await written(services, ada)
    async with services.transaction() as db:
        mail = await mailing._claim(db, (await db.scalars(select(Mail.id))).one())
        assert mail is not None
        await db.execute(update(Mail).values(lease_until=mail.created_at))
    await mailing.sweep_mails(services)
    await mailing.run_mail(services, mail.id)
    await ended(services, "sent")
    assert post.texts == 1


@pytest.mark.parametrize("subject", ["Hi\r\nBcc: eve@example.org", "Hi\nX: y\x00", "Hi\u2028Bcc: eve@example.org"])
async def test_nothing_in_a_subject_becomes_a_header(
    services: Services, people: People, worker: None, post: Post, subject: str
) -> None:
    await written(services, await people.user("ada"), replace(LETTER, subject=subject.replace("\x00", "")))
    await ended(services, "sent")
    [got] = post.mails
    assert got["Bcc"] is None
    assert got["X"] is None
    assert str(got["Subject"]).startswith("Hi ")
    assert post.recipients == ["ada@example.org"]


async def test_an_address_that_is_none_fails_and_harms_nobody(services: Services, people: People, post: Post) -> None:
    ada = await people.user("ada")
    async with services.transaction() as db:
        await db.execute(update(User).values(email="ada@example.org\r\nrcpt to:<eve@example.org>"))
    await written(services, ada)
    async with services.transaction() as db:
        mail_id = (await db.scalars(select(Mail.id))).one()
    await mailing.run_mail(services, mail_id)
    assert "not an address" in (await ended(services, "failed")).detail
    assert post.texts == 0


async def sent_by(services: Services, ada: User, url: str) -> Mail:
    """One more mail by this server, tried once."""
    services.settings = services.settings.model_copy(update={"smtp_url": url})
    key = str(new_id())
    await written(services, ada, key=key)
    async with services.transaction() as db:
        mail_id = (await db.scalars(select(Mail.id).where(Mail.key == key))).one()
    await mailing.run_mail(services, mail_id)
    async with services.transaction() as db:
        return (await db.scalars(select(Mail).where(Mail.id == mail_id))).one()


async def test_what_is_encrypted_is_so_with_somebody_known(
    services: Services, people: People, post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await people.user("ada")
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    make_certificate(key, certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    for scheme in ("smtp", "smtps"):
        with mail_server(tls=context, from_the_start=scheme == "smtps", signs_in=True) as sealed:
            url = f"{scheme}://{USER}:{quote(PASSWORD)}@127.0.0.1:{sealed.port}"
            stranger = await sent_by(services, ada, url)
            assert (stranger.state, sealed.texts) == ("waiting", 0)
            assert "CERTIFICATE_VERIFY_FAILED" in stranger.detail
            assert (await sent_by(services, ada, f"{url}?ca={certificate}")).state == "sent"
            assert sealed.encrypted == [True]
    insisted = await sent_by(services, ada, f"{post.url}?starttls=required")
    assert (insisted.state, insisted.detail) == ("waiting", "the mail server does not offer STARTTLS")
    monkeypatch.setattr(smtp, "_is_here", lambda _: False)
    bare = await sent_by(services, ada, f"smtp://{USER}:{quote(PASSWORD)}@127.0.0.1:{post.port}")
    assert "the password was not sent" in bare.detail
    assert post.texts == 0


def make_certificate(key_file: Path, certificate_file: Path) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    today = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    no_password = serialization.NoEncryption()
    pem, style = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    key_file.write_bytes(key.private_bytes(pem, style, no_password))
    certificate_file.write_bytes(certificate.public_bytes(pem))


async def test_without_a_mail_server_it_is_a_notice_until_sent_away(
    services: Services, people: People, post: Post
) -> None:
    services.settings = services.settings.model_copy(update={"smtp_url": ""})
    ada, ben = await people.user("ada"), await people.user("ben")
    await written(services, ada)
    async with services.transaction() as db:
        await mailing.run_mail(services, (await db.scalars(select(Mail.id))).one())
    async with services.transaction() as db:
        [notice] = await mails.list_notices(db, ada)
        assert not await mails.list_notices(db, ben)
        with pytest.raises(NotFound):
            await mails.dismiss_notice(db, ben, notice.id)
        await mails.dismiss_notice(db, ada, notice.id)
        assert not await mails.list_notices(db, ada)


async def test_admins_and_the_person_are_mailed_about_an_upgrade(
    services: Services, people: People, worker: None, post: Post
) -> None:
    ada, ben = await people.user("ada", admin=True), await people.user("ben")
    for note in ("For class", "For class, please"):  # a wish changed is no second mail
        async with services.transaction() as db:
            await upgrades.ask(db, ben, "premium", note)
    async with services.transaction() as db:
        [wish] = await upgrades.list_open(db)
        await upgrades.decide_upgrade(db, ada, wish.id, approve=True)

    async def both() -> bool | None:
        return True if len(post.mails) == 2 else None

    await until(both)
    told = {one["To"]: one for one in post.mails}
    assert "> For class" in told["ada@example.org"].get_content()
    assert told["ben@example.org"]["Subject"] == "You are on Premium now"
    async with services.transaction() as db:
        await users.delete_user(db, ben)
        assert not list(await db.scalars(select(Mail)))  # the one to Ada tells of Ben and goes with him


async def test_a_mail_that_comes_out_of_an_old_backup_is_not_sent(
    services: Services, people: People, post: Post
) -> None:
    await written(services, await people.user("ada"))
    async with services.transaction() as db:
        await db.execute(update(Mail).values(created_at=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)))
    await mailing.sweep_mails(services)
    mail = await ended(services, "failed")
    await mailing.run_mail(services, mail.id)
    assert post.texts == 0


async def test_old_mails_go_by_themselves(services: Services, people: People, post: Post) -> None:
    await written(services, await people.user("ada"), key="old")
    async with services.transaction() as db:
        await db.execute(
            update(Mail).values(state="sent", created_at=datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC))
        )
    for moment, left in (("2030-03-30 UTC", 1), ("2030-04-05 UTC", 0)):
        async with clock(services, moment):
            await mailing.forget_old_mails(services)
        async with services.transaction() as db:
            assert len(list(await db.scalars(select(Mail)))) == left


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"smtp_url": "http://h"}, "smtp://user:password@host:587"),
        ({"smtp_url": "smtp://user:geheim@h:99999", "mail_from": "a@example.org"}, "Port"),
        ({"smtp_url": "smtp://user:geheim@h?tls=no", "mail_from": "a@example.org"}, "tls"),
        ({"smtp_url": "smtp://user:geheim@h"}, "mail_from"),
        ({"smtp_url": "smtp://h", "mail_from": "a@example.org\r\nBcc: b@example.org"}, "mail_from"),
    ],
)
async def test_a_mail_server_that_cannot_be_meant_is_refused_at_start(given: dict[str, str], word: str) -> None:
    with pytest.raises(CannotStart) as refused:
        load_settings(None, **given)
    assert word in refused.value.sentence
    assert "geheim" not in refused.value.sentence
