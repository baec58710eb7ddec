"""Import and export at the desk: upload, preview, confirm, and what an interruption leaves behind."""

import io
import os
import re
import signal
import subprocess
import sys
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.urls import reverse

from practices import workflow
from practices.importers import sheets
from practices.models import Change, Measure, Source, StagedImport, Tag
from tests.factories import CountryFactory, CrisisFactory, MeasureTypeFactory, SourceFactory, UserFactory, make_measure
from tests.practices.importers.test_sheets import HOSTILE

pytestmark = pytest.mark.django_db

IMPORT, CONFIRM = "admin:practices_measure_import", "admin:practices_measure_process_import"
NEW = "scope,crisis,measure_type,slug,title\nnational,covid-19,zero-rating,{},Kenya lends spectrum\n"


def member(role):
    user = UserFactory()
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def editor(client):
    """An editor, signed in, and what rows may name."""
    CountryFactory(iso3="KEN")
    CrisisFactory(slug="covid-19")
    MeasureTypeFactory(code="zero-rating")
    user = member("editor")
    client.force_login(user)
    return user


def upload(client, content, name="measures.csv"):
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    file.name = name
    return client.post(reverse(IMPORT), {"import_file": file})


def confirm(client, page, **answers):
    """Confirm the preview that ``page`` shows. Returns the page of the import, read to its end."""
    response = client.post(reverse(CONFIRM), {"staged": page.context["staged"].key, **answers})
    return b"".join(response).decode() if response.streaming else response.content.decode()


def test_a_file_is_looked_at_and_then_imported(client, editor):
    make_measure(slug="same", title="Same", status="draft")
    make_measure(slug="other", title="Before", status="draft")
    page = upload(client, "slug,title\nsame,Same\nother,After\n")
    shown = page.content.decode()
    assert "<del>Before</del>" in shown
    assert "<ins>After</ins>" in shown
    assert {group["outcome"]: group["count"] for group in page.context["groups"]} == {
        "changed": 1,
        "new": 0,
        "unchanged": 1,
    }
    assert Measure.objects.get(slug="other").title == "Before"
    done = confirm(client, page)
    assert "Imported: 0 new, 1 changed, 1 left as they were." in done
    assert Measure.objects.get(slug="other").title == "After"
    assert not StagedImport.objects.exists()


def test_a_refused_row_keeps_the_whole_file_out_and_says_why(client, editor):
    page = upload(client, NEW.format("one") + "national,covid-19,zero-ratin,two,Kenya lends\n")
    shown = page.content.decode()
    assert "Nothing was written, because of one fault in the file." in shown
    assert "Row 3" in shown
    assert "<code>measure_type</code>" in shown
    assert "zero-ratin" in shown
    assert "confirm_form" not in page.context
    assert not Measure.objects.exists()
    assert not StagedImport.objects.exists()


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_politely_and_nothing_is_written(what, client, editor):
    make, sentence = HOSTILE[what]
    before = [model.objects.count() for model in (Measure, Source, Tag, Change)]
    page = upload(client, make() or b" ")
    assert page.status_code == 200
    assert page.context["form"].errors["import_file"]
    if what != "nothing":
        assert any(part in str(page.context["form"].errors) for part in sentence.split("|"))
    assert [model.objects.count() for model in (Measure, Source, Tag, Change)] == before
    assert not StagedImport.objects.exists()


def test_a_record_that_changed_since_the_preview_stops_the_import_and_is_named(client, editor):
    measure = make_measure(slug="m", title="Before", status="draft")
    page = upload(client, "slug,title\nm,Mine\n")
    with workflow.change(measure, by=editor, action="edited"):
        measure.title_en = "Theirs"
    again = client.post(reverse(CONFIRM), {"staged": page.context["staged"].key})
    assert "One record has changed since you looked at the preview" in again.content.decode()
    assert again.context["stale"] == ["m"]
    assert "<del>Theirs</del>" in again.content.decode()
    assert Measure.objects.get().title == "Theirs"
    assert "1 changed" in confirm(client, again)
    assert Measure.objects.get().title == "Mine"


def test_a_change_of_a_published_record_asks_for_a_public_note(client, editor):
    make_measure(slug="m", title="Before")
    page = upload(client, "slug,title\nm,After\n")
    assert "Public note" in page.content.decode()
    assert "This field is required" in confirm(client, page)
    assert "waits as proposed revisions" in confirm(client, page, public_note="The title was wrong.")
    assert Measure.objects.get().proposals.get().public_note == "The title was wrong."
    assert Measure.objects.get().title == "Before"


@pytest.mark.parametrize("arrive_as", ["published", "withdrawn"])
def test_nobody_publishes_an_import_of_their_own_alone(arrive_as, client, editor):
    client.force_login(member("publisher"))
    page = upload(client, NEW.format("m"))
    assert "is not one of the available choices" in confirm(client, page, arrive_as=arrive_as)
    assert not Measure.objects.exists()
    confirm(client, page, arrive_as="in-review")
    assert Measure.objects.get().status == "in-review"


def test_a_preview_is_its_uploaders_alone_and_used_once(client, editor):
    page = upload(client, NEW.format("m"))
    client.force_login(member("publisher"))
    assert client.post(reverse(CONFIRM), {"staged": page.context["staged"].key}).status_code == 302
    client.force_login(editor)
    confirm(client, page, arrive_as="draft")
    for key in (page.context["staged"].key, "nonsense"):
        response = client.post(reverse(CONFIRM), {"staged": key}, follow=True)
        assert "this preview is no longer there" in response.content.decode()
    assert Measure.objects.count() == 1


def test_a_preview_of_over_an_hour_ago_is_not_imported(client, editor):
    page = upload(client, NEW.format("m"))
    staged = StagedImport.objects.get()
    staged.at -= timedelta(hours=2)
    staged.save()
    response = client.post(reverse(CONFIRM), {"staged": page.context["staged"].key}, follow=True)
    assert "is over an hour old" in response.content.decode()
    assert not Measure.objects.exists()


def test_the_page_tells_how_far_the_import_is(client, editor):
    rows = "".join(f"national,covid-19,zero-rating,m{number},Title\n" for number in range(250))
    page = upload(client, "scope,crisis,measure_type,slug,title\n" + rows)
    response = client.post(reverse(CONFIRM), {"staged": page.context["staged"].key, "arrive_as": "draft"})
    parts = [part.decode() for part in response]
    assert [part.partition("> ")[2].strip().removesuffix("</p>") for part in parts if "<progress" in part] == [
        "100 of 250 rows",
        "200 of 250 rows",
        "250 of 250 rows",
    ]
    assert response.headers["Content-Encoding"] == "identity"


@pytest.mark.django_db(transaction=True)  # the end of the request closes the connection
def test_whoever_closes_the_page_has_imported_nothing(client, editor):
    rows = "".join(f"national,covid-19,zero-rating,m{number},Title\n" for number in range(250))
    page = upload(client, "scope,crisis,measure_type,slug,title\n" + rows)
    response = client.post(reverse(CONFIRM), {"staged": page.context["staged"].key, "arrive_as": "draft"})
    parts = iter(response)
    while "100 of 250" not in next(parts).decode():
        pass
    assert Measure.objects.count() == 100
    response.close()
    assert (Measure.objects.count(), StagedImport.objects.count()) == (0, 1)


@pytest.mark.parametrize("extension", ["csv", "xlsx"])
@pytest.mark.parametrize("role", ["contributor", "editor", "publisher", "administrator", None])
def test_who_may_import_and_export(role, extension, client, editor):
    measure = make_measure()
    if role:
        client.force_login(member(role))
    else:
        client.logout()
    may_import = role in ("contributor", "editor", "publisher")
    refused = 403 if role else 302
    assert client.get(reverse(IMPORT)).status_code == (200 if may_import else refused)
    assert upload(client, NEW.format("m")).status_code == (200 if may_import else refused)
    template = reverse("admin:practices_measure_import_template", args=["template", extension])
    response = client.get(template)
    list(response)  # to the end, which closes the file
    assert response.status_code == (200 if may_import else refused)
    if not may_import:
        assert client.post(reverse(CONFIRM), {"staged": ""}).status_code == refused
    export = reverse("admin:practices_measure_export")
    assert client.get(export).status_code == (200 if role else 302)
    action = {"action": f"export_{extension}", "_selected_action": [measure.pk]}
    response = client.post(reverse("admin:practices_measure_changelist"), action)
    if role:
        assert measure.slug in str(sheets.read(response.getvalue()))
    else:
        assert response.status_code == 302


def test_the_button_exports_what_the_list_is_filtered_to_in_chosen_columns(client, editor):
    make_measure(slug="draft", status="draft")
    make_measure(slug="public")
    address = reverse("admin:practices_measure_export") + "?status__exact=draft"
    form = {"resource": "0", "format": "0", "measureresource_title": "on"}
    assert sheets.read(client.post(address, form).getvalue())[0] == ["slug", "title"]
    assert [row[1][0] for row in sheets.read(client.post(address, form).getvalue())[1]] == ["draft"]


def test_the_page_of_the_export_names_columns_as_the_file_does_and_has_chosen_csv(client, editor):
    page = client.get(reverse("admin:practices_measure_export")).content.decode()
    assert "title_zh_hans" in page
    assert "Title Zh Hans" not in page
    assert re.search(r'<option value="0" selected>\s*csv', page)


def test_what_a_workbook_cannot_hold_is_said_in_place_of_a_cut_file(client, editor):
    measure = make_measure(summary="x" * 32_768)
    action = {"action": "export_xlsx", "_selected_action": [measure.pk]}
    response = client.post(reverse("admin:practices_measure_changelist"), action, follow=True)
    assert "too long for an Excel workbook" in response.content.decode()


# Imports a staged file through the page of the desk, and dies at the statement whose number it is given.
CHILD = """
import os, signal, sys
import django
django.setup()
from django.db import connection
from django.test import Client
from practices.models import StagedImport

left = int(sys.argv[1])

def count(execute, *args):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return execute(*args)

staged = StagedImport.objects.get()
client = Client(headers={"host": "localhost"})
client.force_login(staged.by)
with connection.execute_wrapper(count):
    answers = {"staged": staged.key, "arrive_as": "draft"}
    page = b"".join(client.post("/admin/practices/measure/process_import/", answers))
assert b"Imported: 2 new, 1 changed" in page, page.decode()[-2000:]
"""


def database_url():
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    user, host = quote(database["USER"]), database["HOST"] or "127.0.0.1"
    password = f":{quote(database['PASSWORD'])}" if database["PASSWORD"] else ""
    return f"postgres://{user}{password}@{host}:{database['PORT'] or 5432}/{database['NAME']}"


def state():
    return (
        dict(Measure.objects.values_list("slug", "title_en")),
        Change.objects.count(),
        Source.objects.count(),
        Tag.objects.count(),
        StagedImport.objects.count(),
    )


def test_killing_the_server_in_an_import_leaves_the_old_state_or_the_new_one(shared_database, client):
    CrisisFactory(slug="covid-19")
    MeasureTypeFactory(code="zero-rating")
    SourceFactory(url="https://source.example/known")
    make_measure(slug="there", title="Before", status="draft")
    client.force_login(editor := UserFactory(is_superuser=True))
    new = "https://new.example/ | title: T | publisher: P | kind: news | language: en"
    table = (
        "scope,crisis,measure_type,slug,title,tags,sources\n"
        f"national,covid-19,zero-rating,one,One,fresh,{new}\n"
        "national,covid-19,zero-rating,two,Two,,https://source.example/known\n"
        "national,covid-19,zero-rating,there,After,,https://source.example/known\n"
    )
    assert upload(client, table).context["staged"].by == editor
    old = state()
    new = ({"one": "One", "two": "Two", "there": "After"}, old[1] + 3, old[2] + 1, old[3] + 1, 0)
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "reg4covid.settings", "DATABASE_URL": database_url()}
    ends = []
    for statement in (1, 35, 45, 55, 70, 85, 10_000):
        child = [sys.executable, "-c", CHILD, str(statement)]
        ends.append(subprocess.run(child, env=environment, check=False, timeout=120).returncode)  # noqa: S603
        assert state() == (old if ends[-1] == -signal.SIGKILL else new)
        if ends[-1] == 0:
            break
    assert ends[-1] == 0
    assert ends.count(-signal.SIGKILL) == len(ends) - 1 >= 4
