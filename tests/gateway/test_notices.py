"""Letters: sent after the commit, at least once, in the person's language, over a real server."""

import asyncio
import datetime as dt
import io
import ipaddress
import re
import ssl
import stat
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chassis import clock, logs
from gateway.accounts import codes
from gateway.accounts.models import CodePurpose
from gateway.notices import sending
from gateway.notices.letters import Sender, compose
from gateway.notices.models import Notice, NoticeKind
from gateway.notices.schemas import Content
from gateway.notices.service import WITH_CODE
from gateway.post import smtp
from gateway.post.folder import FolderPost
from gateway.post.servers import mail_server
from gateway.post.smtp import SmtpPost
from gateway.settings import GatewaySettings
from local.vacant import free_port
from tests.gateway.bureau import Bureau, a_manager, an_invitation, bureau_at, code_of
from tests.gateway.mail import MailRoom, mail_room
from tests.town import Town

CODE = re.compile(r"(?:[0-9A-Z]{4}-){4}[0-9A-Z]{4}")
SENDER = Sender("Mboolo", "no-reply@mboolo.example", "https://api.example.sn")


@pytest.fixture(scope="module")
async def office(town: Town, worker: str) -> AsyncIterator[Bureau]:
    async with bureau_at(town, f"t_{worker}_post") as found:
        yield found


@pytest.fixture(autouse=True)
async def _empty(office: Bureau) -> None:
    await office.write(
        "update notice set status = 'GIVEN_UP', content_sealed = null, due_at = null"
        " where status = 'WAITING'"
    )


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything that is written to the log meanwhile."""
    with monkeypatch.context() as changed:
        heard = io.StringIO()
        changed.setattr(sys, "stdout", heard)
        logs.configure("test")
        yield heard
    logs.configure("test")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1 that vouches for itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example.sn")])
    now = dt.datetime.now(dt.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = Path(tmp_path_factory.mktemp("mail")) / "mail.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return file


def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def post_to(room: MailRoom, how: str = "smtp://{}?starttls=off", trust: Any = None) -> SmtpPost:
    address = how.format(f"127.0.0.1:{room.port}")
    return SmtpPost(mail_server(address), trust or ssl.create_default_context())


async def send_all(office: Bureau) -> int:
    count = 0
    while await sending.send_next(office.app):
        count += 1
    return count


async def invite(office: Bureau, **changes: Any) -> dict[str, Any]:
    own = await office.organisation()
    return await office.invited(own, "cooperative", **changes)


async def notice_of(office: Bureau, user: dict[str, Any]) -> dict[str, Any]:
    page = await office.got(f"/notices?account_id={user['id']}")
    found: dict[str, Any] = page["items"][0]
    return found


@pytest.mark.parametrize(
    ("language", "subject", "word"),
    [("fr", "Votre compte Mboolo", "Bonjour"), ("en", "Your Mboolo account", "Hello")],
)
async def test_an_invitation_arrives_with_a_code_that_opens(
    office: Bureau, language: str, subject: str, word: str
) -> None:
    async with mail_room(MailRoom()) as room:
        office.app.state.post = post_to(room)
        user = await invite(office, language=language, full_name="Awa N'Diaye")
        assert await send_all(office) == 1
    [letter] = room.letters
    message = letter.message
    assert letter.recipients == [user["email"]]
    assert letter.sender == "no-reply@mboolo.example"
    assert message["To"].addresses[0].display_name == "Awa N'Diaye"
    assert message["Subject"] == subject
    assert message["Content-Language"] == language
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "text/plain"
    body = message.get_content().replace("\r\n", "\n")
    assert body.startswith(word)
    assert user["username"] in body
    assert "/oauth2/password/new" in body
    [code] = set(CODE.findall(body))
    assert f"/oauth2/password/new/{code}\n" in body
    async with office.app.state.database.transaction() as session:
        redeemed = await codes.redeem(session, code, [CodePurpose.INVITATION])
    assert redeemed is not None
    assert redeemed.account_id == user["id"]


async def test_a_letter_is_sealed_while_it_waits_and_dropped_once_it_is_sent(
    office: Bureau,
) -> None:
    user = await invite(office)
    [(_, letter)] = await office.letters(user["id"])
    [row] = await office.rows("select * from notice where account_id = $1", user["id"])
    for said in (user["email"], user["full_name"], letter.code):
        assert str(said) not in str(row)
    async with mail_room(MailRoom()) as room:
        office.app.state.post = post_to(room)
        await send_all(office)
    [row] = await office.rows("select * from notice where account_id = $1", user["id"])
    assert (row["status"], row["content_sealed"], row["due_at"]) == ("SENT", None, None)


@pytest.mark.parametrize("how", ["starttls", "from the first byte"])
async def test_letters_travel_under_tls_with_a_login(
    office: Bureau, certificate: Path, how: str
) -> None:
    room = MailRoom(
        context=tls(certificate),
        is_tls_first=how != "starttls",
        login=("mboolo@example.sn", "a b/c"),
    )
    scheme = "smtp" if how == "starttls" else "smtps"
    async with mail_room(room):
        trust = ssl.create_default_context(cafile=str(certificate))
        address = scheme + "://mboolo%40example.sn:a%20b%2Fc@{}"
        office.app.state.post = post_to(room, address, trust)
        await invite(office)
        assert await send_all(office) == 1
    [letter] = room.letters
    assert (letter.is_tls, letter.login) == (True, "mboolo@example.sn")


async def test_nothing_is_sent_in_clear_nor_to_a_stranger(
    office: Bureau, certificate: Path
) -> None:
    login = ("mboolo", "secret")
    plain, stranger = MailRoom(login=login), MailRoom(context=tls(certificate), login=login)
    async with mail_room(plain), mail_room(stranger):
        for room, why in ((plain, "SERVER_AWAY"), (stranger, "TLS_FAILED")):
            office.app.state.post = post_to(room, "smtp://mboolo:secret@{}")
            user = await invite(office)
            assert await send_all(office) == 1
            assert room.letters == []
            notice = await notice_of(office, user)
            assert (notice["status"], notice["last_error"]) == ("WAITING", why)


async def test_an_outage_loses_nothing(office: Bureau) -> None:
    async with mail_room(MailRoom(), free_port()) as room:
        office.app.state.post = post_to(room)
    user = await invite(office)
    assert await send_all(office) == 1
    notice = await notice_of(office, user)
    assert (notice["status"], notice["last_error"], notice["attempts"]) == (
        "WAITING",
        "SERVER_AWAY",
        1,
    )
    assert await send_all(office) == 0, "not before the pause is over"
    async with mail_room(room, room.port):
        with clock.shifted(timedelta(seconds=11)):
            assert await send_all(office) == 1
    assert [letter.recipients for letter in room.letters] == [[user["email"]]]
    assert (await notice_of(office, user))["status"] == "SENT"


@pytest.mark.parametrize(
    ("verb", "answer", "why"),
    [
        ("CONNECT", "421 not now", "SERVER_AWAY"),
        ("MAIL", "451 not now", "MESSAGE_DEFERRED"),
        ("RCPT", "450 greylisted", "RECIPIENT_DEFERRED"),
        ("DATA", "452 disk full", "MESSAGE_DEFERRED"),
    ],
)
async def test_not_now_is_tried_again(office: Bureau, verb: str, answer: str, why: str) -> None:
    async with mail_room(MailRoom(answers={verb: [answer, answer]})) as room:
        office.app.state.post = post_to(room)
        user = await invite(office)
        assert await send_all(office) == 1
        assert (await notice_of(office, user))["last_error"] == why
        with clock.shifted(timedelta(seconds=11)):
            assert await send_all(office) == 1
        with clock.shifted(timedelta(seconds=45)):
            assert await send_all(office) == 1
    assert len(room.letters) == 1
    assert (await notice_of(office, user))["status"] == "SENT"


@pytest.mark.parametrize(
    ("verb", "why"), [("RCPT", "RECIPIENT_REFUSED"), ("DATA", "MESSAGE_REFUSED")]
)
async def test_never_is_given_up_where_it_can_be_seen(
    office: Bureau, verb: str, why: str, spoken: io.StringIO
) -> None:
    async with mail_room(MailRoom(answers={verb: ["550 no such user here"]})) as room:
        office.app.state.post = post_to(room)
        user = await invite(office)
        assert await send_all(office) == 1
        with clock.shifted(timedelta(days=1)):
            assert await send_all(office) == 0
    notice = await notice_of(office, user)
    assert (notice["status"], notice["last_error"]) == ("GIVEN_UP", why)
    assert user["email"] not in str(notice)
    [row] = await office.rows("select content_sealed from notice where id = $1", notice["id"])
    assert row["content_sealed"] is None
    listed = await office.got("/notices?status=GIVEN_UP")
    assert notice in listed["items"]
    assert "no such user" not in str(listed)
    again = await office.done(f"/users/{user['id']}/invitations")
    assert again["status"] == "INVITED"
    assert "notice_given_up" in spoken.getvalue()


async def test_a_wrong_login_is_ours_to_put_right(office: Bureau, certificate: Path) -> None:
    room = MailRoom(context=tls(certificate), login=("mboolo", "new"))
    trust = ssl.create_default_context(cafile=str(certificate))
    async with mail_room(room):
        office.app.state.post = post_to(room, "smtp://mboolo:old@{}", trust)
        user = await invite(office)
        await send_all(office)
        assert (await notice_of(office, user))["last_error"] == "LOGIN_REFUSED"
        office.app.state.post = post_to(room, "smtp://mboolo:new@{}", trust)
        with clock.shifted(timedelta(seconds=11)):
            await send_all(office)
    assert len(room.letters) == 1


async def test_a_server_that_drips_is_left(office: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "_WHOLE_S", 0.5)
    async with mail_room(MailRoom(pause_s=0.3)) as room:
        office.app.state.post = post_to(room)
        user = await invite(office)
        assert await send_all(office) == 1
    assert (await notice_of(office, user))["last_error"] == "SERVER_AWAY"
    assert room.letters == []


async def test_what_is_not_committed_is_not_sent(office: Bureau) -> None:
    async with mail_room(MailRoom()) as room:
        office.app.state.post = post_to(room)
        user = await invite(office)
        await send_all(office)
        wish = an_invitation(organisation_id=user["organisation_id"], roles=["cooperative"])
        wish["username"] = user["username"]
        assert code_of(await office.ask("POST", "/users", wish)) == (409, "USERNAME_TAKEN")
        assert await send_all(office) == 0
    assert len(room.letters) == 1


async def test_a_code_that_is_void_is_not_sent(office: Bureau) -> None:
    user = await invite(office)
    await office.done(f"/users/{user['id']}/invitations")
    gone = await invite(office)
    await office.done(f"/users/{gone['id']}/departures")
    async with mail_room(MailRoom()) as room:
        office.app.state.post = post_to(room)
        assert await send_all(office) == 1
    [letter] = room.letters
    assert letter.recipients == [user["email"]]


async def test_what_comes_too_late_is_not_sent(office: Bureau) -> None:
    own = await office.organisation()
    user = await office.active(own, "cooperative")
    await office.done(f"/users/{user['id']}/password-resets")
    async with mail_room(MailRoom()) as room:
        office.app.state.post = post_to(room)
        with clock.shifted(timedelta(minutes=31)):
            await send_all(office)
    notice = await notice_of(office, user)
    assert (notice["kind"], notice["last_error"]) == ("PASSWORD_RESET", "EXPIRED")
    assert [letter.message["Subject"] for letter in room.letters] == ["Votre compte Mboolo"]


async def test_who_dies_between_sending_and_saying_so_sends_the_same_letter_again(
    office: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: Any) -> None:
        raise RuntimeError

    async with mail_room(MailRoom()) as room:
        office.app.state.post = post_to(room)
        user = await invite(office)
        with monkeypatch.context() as changed:
            changed.setattr(sending, "_settle", dies)
            with pytest.raises(RuntimeError):
                await sending.send_next(office.app)
        assert await send_all(office) == 0, "leased"
        with clock.shifted(timedelta(seconds=61)):
            assert await send_all(office) == 1
    first, second = [letter.message["Message-ID"] for letter in room.letters]
    assert first == second
    assert (await notice_of(office, user))["status"] == "SENT"


async def test_many_senders_send_each_letter_once(office: Bureau) -> None:
    own = await office.organisation()
    users = [await office.invited(own, "cooperative") for _ in range(6)]
    async with mail_room(MailRoom(pause_s=0.01)) as room:
        office.app.state.post = post_to(room)
        await asyncio.gather(*(send_all(office) for _ in range(4)))
    assert sorted(r for letter in room.letters for r in letter.recipients) == sorted(
        user["email"] for user in users
    )


def a_letter(**changes: Any) -> Any:
    now = clock.now()
    notice = Notice(
        id=uuid4(),
        kind=NoticeKind.INVITATION,
        account_id="user-1",
        content_sealed="",
        created_at=now,
        due_at=now,
        expires_at=now,
    )
    usual = {"to": "awa@example.sn", "name": "Awa", "username": "awa", "language": "fr"}
    return compose(notice, Content(**usual | changes), SENDER)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Awa\r\nBcc: x@evil.example"},
        {"name": "Awa\nBcc: x@evil.example"},
        {"to": "awa@example.sn\r\nBcc: x@evil.example"},
        {"to": "awa@example.sn, x@evil.example"},
        {"to": "awa"},
    ],
)
def test_no_name_becomes_a_header(changes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        a_letter(**changes)


@pytest.mark.parametrize(
    "name",
    [
        'Awa "A" <x@evil.example>',
        "Awa, x@evil.example",
        "Àwâ (Ñ) ŋ",
        "{code} {link}",
        "=?utf-8?q?=0A?=",
    ],
)
def test_strange_names_stay_names(name: str) -> None:
    message = a_letter(name=name, code="SECRET")
    assert [a.addr_spec for a in message["To"].addresses] == ["awa@example.sn"]
    assert message.get_content().startswith(f"Bonjour {name},")
    assert message.get_content().count("SECRET") == 2
    assert set(message.keys()) == {
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language"),
        *("Content-Type", "Content-Transfer-Encoding", "MIME-Version"),
    }


@pytest.mark.parametrize("kind", list(NoticeKind))
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_letter_can_be_written_in_both_languages(kind: NoticeKind, language: str) -> None:
    now = clock.now()
    notice = Notice(
        id=uuid4(), kind=kind, account_id="u", content_sealed="", created_at=now, due_at=now,
        expires_at=now,
    )  # fmt: skip
    content = Content(
        to="awa@example.sn", name="Awa", username="awa", language=language, code="AAAA",
        subject="Machine",
    )  # fmt: skip
    body = compose(notice, content, SENDER).get_content()
    assert "{" not in body
    assert ("AAAA" in body) == (kind in WITH_CODE)
    for page in ("password/new", "password", "account"):  # no link but to pages of ours
        body = body.replace(f"{SENDER.public_url}/oauth2/{page}", "")
    assert "http" not in body


async def test_what_cannot_be_opened_is_given_up(office: Bureau) -> None:
    user = await invite(office)
    [other] = await office.rows(
        "select content_sealed from notice where account_id = $1",
        user["id"],
    )
    spoilt = other["content_sealed"][:-6] + "AAAAA="
    await office.write(
        "update notice set content_sealed = $2 where account_id = $1", user["id"], spoilt
    )
    async with mail_room(MailRoom()) as room:
        office.app.state.post = post_to(room)
        await send_all(office)
    assert (await notice_of(office, user))["last_error"] == "UNREADABLE"
    assert room.letters == []


async def test_a_developer_finds_letters_in_a_folder(office: Bureau, tmp_path: Path) -> None:
    folder = tmp_path / "outbox"
    office.app.state.post = FolderPost(folder)
    user = await invite(office)
    assert await send_all(office) == 1
    [file] = folder.iterdir()
    assert file.suffix == ".eml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    text = file.read_text()
    assert user["email"] in text
    assert CODE.search(text)


async def test_without_a_way_out_letters_wait(office: Bureau) -> None:
    office.app.state.post = None
    user = await invite(office)
    assert await send_all(office) == 0
    assert (await notice_of(office, user))["status"] == "WAITING"


async def test_where_none_goes_out_codes_are_dropped_in_time(office: Bureau) -> None:
    office.app.state.post = None
    user = await invite(office)
    with clock.shifted(timedelta(days=8)):
        await sending.forget_settled(office.app)
    assert (await notice_of(office, user))["last_error"] == "EXPIRED"
    [row] = await office.rows("select * from notice where account_id = $1", user["id"])
    assert row["content_sealed"] is None


async def test_neither_codes_nor_addresses_are_in_the_log(
    office: Bureau, spoken: io.StringIO
) -> None:
    async with mail_room(MailRoom(answers={"RCPT": ["450 later"]})) as room:
        office.app.state.post = post_to(room)
        user = await invite(office)
        await send_all(office)
        with clock.shifted(timedelta(seconds=11)):
            await send_all(office)
    said = spoken.getvalue()
    assert "notice_waits" in said
    assert "notice_sent" in said
    for secret in (user["email"], "Diatta", *CODE.findall(room.letters[0].message.get_content())):
        assert secret not in said


async def test_only_administrators_see_whether_letters_went_out(office: Bureau) -> None:
    user = await invite(office)
    answer = await office.ask("GET", "/notices", who=a_manager(user["organisation_id"]))
    assert code_of(answer) == (403, "INSUFFICIENT_SCOPE")


async def test_settled_letters_are_forgotten_after_three_months(office: Bureau) -> None:
    user = await invite(office)
    async with mail_room(MailRoom()) as room:
        office.app.state.post = post_to(room)
        await send_all(office)
    with clock.shifted(timedelta(days=91)):
        while await sending.forget_settled(office.app):
            pass
    assert (await office.got(f"/notices?account_id={user['id']}"))["items"] == []


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("smtp://mail.example.sn", ("mail.example.sn", 587, False, True)),
        ("smtps://mail.example.sn", ("mail.example.sn", 465, True, False)),
        ("smtp://127.0.0.1:1025?starttls=off", ("127.0.0.1", 1025, False, False)),
    ],
)
def test_a_mail_server_is_named_by_one_address(address: str, what: tuple[Any, ...]) -> None:
    found = mail_server(address)
    assert (found.host, found.port, found.is_tls, found.is_starttls) == what


@pytest.mark.parametrize(
    "address",
    [
        "http://mail.example.sn",
        "mail.example.sn",
        "smtp://",
        "smtp://u:S3cr3t@mail.example.sn:port",
        "smtp://u:S3cr3t@mail.example.sn?starttls=off",
        "smtp://u:S3cr3t@mail.example.sn/path",
    ],
)
def test_settings_refuse_a_server_that_we_would_not_use_and_keep_its_password(
    office: Bureau, address: str
) -> None:
    given = office.app.state.settings.model_dump() | {"smtp_url": address}
    with pytest.raises(ValueError, match="smtp_url") as refusal:
        GatewaySettings(**given)
    assert "S3cr3t" not in str(refusal.value)


def test_production_writes_no_letters_into_files(office: Bureau, tmp_path: Path) -> None:
    given = office.app.state.settings.model_dump() | {"mail_folder": tmp_path}
    assert GatewaySettings(**given).mail_folder == tmp_path
    given |= {"environment": "production", "public_url": "https://api.example.sn"}
    with pytest.raises(ValueError, match="mail_folder is not for production"):
        GatewaySettings(**given)


def test_the_password_of_the_server_shows_nowhere(office: Bureau) -> None:
    given = office.app.state.settings.model_dump()
    made = GatewaySettings(**given | {"smtp_url": "smtps://u:S3cr3t@mail.example.sn"})
    assert made.smtp is not None
    assert made.smtp.password == "S3cr3t"
    assert "S3cr3t" not in f"{made!r} {made.smtp!r}"
