"""The roles: which there are, and what each may do."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from accounts.roles import PERMISSIONS
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def user_of(role):
    user = UserFactory()
    user.groups.add(Group.objects.get(name=role))
    return user


def test_each_role_can_do_what_the_one_before_it_can_and_more():
    contributor, editor, publisher = (
        user_of(role).get_all_permissions() for role in ("contributor", "editor", "publisher")
    )
    assert contributor < editor < publisher
    assert "practices.publish_measure" in publisher - editor
    assert "practices.edit_any_measure" in editor - contributor


def test_an_administrator_keeps_accounts_and_the_codebook_and_writes_no_record():
    permissions = user_of("administrator").get_all_permissions()
    assert {"accounts.add_user", "practices.change_topic", "countries.change_country"} <= permissions
    assert permissions.isdisjoint({"practices.add_measure", "practices.change_measure", "practices.publish_measure"})


def test_nobody_but_an_administrator_touches_accounts():
    for role in set(PERMISSIONS) - {"administrator"}:
        assert not [name for name in user_of(role).get_all_permissions() if name.startswith(("accounts.", "auth."))]


def test_a_migration_puts_right_what_a_role_may_do():
    editor = Group.objects.get(name="editor")
    editor.permissions.set(Permission.objects.filter(codename="delete_user"))
    Group.objects.get(name="publisher").delete()
    call_command("migrate", verbosity=0)
    assert not editor.permissions.filter(codename="delete_user").exists()
    assert Group.objects.get(name="publisher").permissions.filter(codename="publish_measure").exists()
