"""Following a list by e-mail: asked twice, told once, stopped by one click."""

import os
import re
import signal
import socket
import subprocess
import sys
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from practices import following, workflow
from practices.choices import Action
from practices.models import Digest, Subscription
from tests.factories import CountryFactory, UserFactory, make_measure

# The worker of the queue closes the connections that it is given between two tasks.
pytestmark = pytest.mark.django_db(transaction=True)


def follow(client, query="", email="reader@example.org", frequency="daily", prefix=""):
    return client.post(f"{prefix}/follow/{query}", {"email": email, "frequency": frequency})


def links_of(letter):
    return re.findall(r"https?://[^/\s]+(/\S*follow/\S+)", letter.body)


def following_since(days, query="", email="reader@example.org", **fields):
    moment = timezone.now() - timedelta(days=days)
    return Subscription.objects.create(
        **{"email": email, "query": query, "language": "en", "frequency": "daily", "confirmed_at": moment}
        | {"told_until": moment}
        | fields
    )


def test_nothing_is_sent_before_the_address_has_confirmed(client, mailoutbox):
    make_measure(countries=[CountryFactory(iso3="KEN", name_en="Kenya")])
    assert "Check your e-mail" in follow(client, "?country=ken").content.decode()
    (letter,) = mailoutbox
    assert letter.to == ["reader@example.org"]
    assert "Kenya" in letter.body
    call_command("send_digests")
    assert len(mailoutbox) == 1
    (link,) = links_of(letter)
    assert "Follow this list?" in client.get(link).content.decode()
    assert Subscription.objects.get().confirmed_at is None  # a program that reads mail may have opened it
    assert "You follow this list" in client.post(link).content.decode()
    assert Subscription.objects.active().get().query == "?country=ken"


@pytest.mark.parametrize(
    ("address", "follows"),
    [("/countries/ken/", "?country=ken"), ("/topics/spectrum/", "?topic=spectrum"), ("/measures/?q=new", "?q=new")],
)
def test_every_list_leads_to_the_form_of_its_own(client, address, follows):
    make_measure(title="New", countries=["KEN"], measure_type__topic__code="spectrum")
    assert f'href="/follow/{follows}"' in client.get(address).content.decode()


def test_nobody_learns_whether_an_address_follows_a_list(client, mailoutbox):
    make_measure()
    following_since(1, email="known@example.org")
    answers = {
        email: follow(client, email=email).content.decode().replace(email, "")
        for email in ("known@example.org", "new@example.org")
    }
    assert re.sub("csrf[^>]*", "", answers["known@example.org"]) == re.sub("csrf[^>]*", "", answers["new@example.org"])
    assert [letter.to for letter in mailoutbox] == [["new@example.org"]]


def test_nobody_is_flooded_with_questions(client, mailoutbox):
    make_measure(countries=["KEN"])
    for query in ("", "", "?country=ken", "?topic=affordability", "?crisis=covid-19", "?scope=x"):
        follow(client, query)
    assert len(mailoutbox) == 3


@pytest.mark.parametrize(
    ("query", "data", "says"),
    [
        ("", {"email": "nobody", "frequency": "daily"}, "valid email address"),
        ("", {"email": "reader@example.org", "frequency": "hourly"}, "hourly is not one of the available choices"),
        ("?region=mars", {"email": "reader@example.org", "frequency": "daily"}, "“mars” is not one of the values"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(client, mailoutbox, query, data, says):
    response = client.post(f"/follow/{query}", data)
    assert (response.status_code, says in response.content.decode()) == (400, True)
    assert not Subscription.objects.exists()
    assert not mailoutbox


def test_a_letter_tells_what_is_new_and_what_was_corrected_in_that_list_alone(mailoutbox):
    kenya = CountryFactory(iso3="KEN", name_en="Kenya")
    old = make_measure(title="An old one", countries=[kenya])
    type(old).objects.filter(pk=old.pk).update(published_at=timezone.now() - timedelta(days=90))
    following_since(2, "?country=ken")
    make_measure(title="A new one", countries=[kenya])
    make_measure(title="Elsewhere", countries=[CountryFactory(iso3="GHA")])
    make_measure(title="A draft", countries=[kenya], status="draft")
    make_measure(title="Withdrawn", countries=[kenya], status="withdrawn")
    with workflow.change(old, by=UserFactory(), action=Action.CORRECTED, public_note="The end was wrong."):
        old.outcome_en = "It ended."
    call_command("send_digests")
    (letter,) = mailoutbox
    html = letter.alternatives[0].content
    for body in (letter.body, html):
        assert body.index("A new one") < body.index("An old one") < body.index("The end was wrong.")
        for other in ("Elsewhere", "A draft", "Withdrawn"):
            assert other not in body
    assert letter.subject == "What changed: Kenya"


def test_a_letter_is_sent_once_and_only_where_something_changed(mailoutbox):
    make_measure()
    following_since(2)
    call_command("send_digests")
    call_command("send_digests")
    assert len(mailoutbox) == 1
    Subscription.objects.update(told_until=timezone.now() - timedelta(days=1))
    make_measure_before = timezone.now() - timedelta(days=2)
    type(make_measure()).objects.update(published_at=make_measure_before)
    call_command("send_digests")
    assert len(mailoutbox) == 1


def test_who_wants_it_weekly_is_told_weekly(mailoutbox):
    make_measure()
    following_since(3, frequency="weekly")
    call_command("send_digests")
    assert mailoutbox == []
    Subscription.objects.update(told_until=timezone.now() - timedelta(days=7))
    call_command("send_digests")
    assert len(mailoutbox) == 1


def test_one_click_stops_the_letters_and_deletes_the_address(client, mailoutbox):
    make_measure()
    following_since(2)
    call_command("send_digests")
    headers = mailoutbox[0].extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = re.search(r"https?://[^/]+(/[^>]+)", headers["List-Unsubscribe"])[1]
    client.handler.enforce_csrf_checks = True
    client.get(link)
    assert Subscription.objects.exists()
    assert client.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Subscription.objects.exists()
    assert client.post(link).status_code == 200  # a second click does no harm


def test_a_link_that_was_made_up_or_is_too_old_does_nothing(client):
    make_measure()
    pending = Subscription.objects.create(
        email="reader@example.org", language="en", frequency="daily", created_at=timezone.now() - timedelta(days=8)
    )
    stop = following.token_of(pending, stopping=True)
    for token in ("1:made-up", following.token_of(pending), stop):
        assert client.post(reverse("practices:follow_confirm", args=[token])).status_code == 404
    pending.refresh_from_db()
    assert pending.confirmed_at is None
    call_command("send_digests")
    assert not Subscription.objects.exists()


def test_letters_are_in_the_language_in_which_they_were_asked_for(client, mailoutbox):
    make_measure(title_fr="Le Kenya prête du spectre")
    follow(client, prefix="/fr")
    assert links_of(mailoutbox[0])[0].startswith("/fr/follow/")
    Subscription.objects.update(confirmed_at=timezone.now(), told_until=timezone.now() - timedelta(days=2))
    call_command("send_digests")
    assert "Le Kenya prête du spectre" in mailoutbox[1].body
    assert 'lang="fr"' in mailoutbox[1].alternatives[0].content


class Mailbox:
    """What a mail server got. Recipients that begin with ``gone`` are refused for good, with ``full`` for now."""

    def __init__(self):
        self.letters = []

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("gone"):
            return "550 No such user"
        if address.startswith("full"):
            return "452 Mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.letters.append((envelope.rcpt_tos[0], envelope.content.decode()))
        return "250 OK"


@pytest.fixture
def mailbox(settings):
    mailbox = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    mailbox.port = port
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": port},
        }
    }
    yield mailbox
    controller.stop()


def test_a_real_mail_server_gets_letters_that_can_be_stopped(mailbox):
    make_measure(title="A new one")
    following_since(2)
    call_command("send_digests")
    ((recipient, letter),) = mailbox.letters
    assert recipient == "reader@example.org"
    assert re.search(r"^List-Unsubscribe: <https?://\S+/follow/stop/\S+>\r$", letter, re.MULTILINE)
    assert re.search(r"^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r$", letter, re.MULTILINE)


def test_who_cannot_be_asked_is_told_so_and_may_try_again_at_once(client, mailbox):
    make_measure()
    response = follow(client, email="gone@example.org")
    assert (response.status_code, "No letter could be sent" in response.content.decode()) == (400, True)
    assert not Subscription.objects.exists()


def test_an_address_that_is_refused_for_good_gets_nothing_more_and_a_full_one_is_tried_again(mailbox):
    make_measure()
    for name in ("gone", "full", "reader"):
        following_since(2, email=f"{name}@example.org")
    call_command("send_digests")
    assert [recipient for recipient, _letter in mailbox.letters] == ["reader@example.org"]
    assert Subscription.objects.get(suspended_at__isnull=False).email == "gone@example.org"
    Subscription.objects.filter(email="full@example.org").update(email="emptied@example.org")
    call_command("send_digests")
    assert [recipient for recipient, _letter in mailbox.letters][1:] == ["emptied@example.org"]


def test_a_mail_server_that_is_down_loses_no_letter(mailbox, settings):
    make_measure()
    following_since(2)
    working = settings.MAILERS
    down = {"BACKEND": working["default"]["BACKEND"], "OPTIONS": {"host": "127.0.0.1", "port": 1}}
    settings.MAILERS = {"default": down}
    call_command("send_digests")
    assert Digest.objects.get().state == "queued"
    settings.MAILERS = working
    call_command("send_digests")
    assert len(mailbox.letters) == 1


def test_an_address_whose_letters_came_back_can_be_suspended(mailoutbox):
    make_measure()
    following_since(2)
    call_command("send_digests", suspend="Reader@example.org")
    call_command("send_digests")
    assert mailoutbox == []


CRASHING = """
import os, signal, django
django.setup()
from practices import following
sent = []
send = following.Letter.send
def send_and_count(letter):
    send(letter)
    sent.append(letter)
    if len(sent) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
following.Letter.send = send_and_count
from django.core.management import call_command
call_command("send_digests")
"""


@pytest.mark.any_engine  # its processes have a SQLite file of their own; what they do, tests above do on each engine
def test_no_letter_is_sent_twice_when_the_process_is_killed_and_none_that_waits_is_lost(mailbox, tmp_path):
    """The second letter went out, but nobody noted that any more."""
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
        "EMAIL_URL": f"smtp://127.0.0.1:{mailbox.port}",
        "DJANGO_SETTINGS_MODULE": "reg4covid.settings",
    }

    def run(code, expected=0):
        done = subprocess.run([sys.executable, "-c", code], env=environment, timeout=120)  # noqa: S603
        assert done.returncode == expected

    run(
        """
import django; django.setup()
from datetime import timedelta
from django.core.management import call_command
from django.utils import timezone
call_command("migrate", verbosity=0)
from practices.models import Subscription
from tests.factories import make_measure
make_measure()
before = timezone.now() - timedelta(days=2)
for number in range(5):
    Subscription.objects.create(email=f"reader{number}@example.org", language="en", frequency="daily",
                                confirmed_at=before, told_until=before)
"""
    )
    run(CRASHING, expected=-signal.SIGKILL)
    assert len(mailbox.letters) == 2
    run('import django; django.setup(); from django.core.management import call_command; call_command("send_digests")')
    assert sorted(recipient for recipient, _letter in mailbox.letters) == [
        f"reader{number}@example.org" for number in range(5)
    ]
