import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from accounts.models import User
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_an_account_signs_in_with_its_e_mail_however_it_is_written():
    user = User.objects.create_user("Amina@Example.org", "long and secret")
    for email in ("Amina@example.org", "amina@EXAMPLE.ORG"):
        assert authenticate(username=email, password="long and secret") == user
    assert authenticate(username="amina@example.org", password="wrong") is None


def test_an_address_belongs_to_one_account_regardless_of_case():
    UserFactory(email="amina@example.org")
    with pytest.raises(IntegrityError):
        UserFactory(email="AMINA@Example.org")


def test_a_form_is_told_that_the_address_is_taken():
    UserFactory(email="amina@example.org")
    with pytest.raises(ValidationError, match="exists already"):
        UserFactory.build(email="Amina@example.org").validate_constraints()


@pytest.mark.parametrize("email", ["", None])
def test_an_account_needs_an_address(email):
    with pytest.raises(ValueError, match="e-mail"):
        User.objects.create_user(email, "long and secret")


def test_an_account_is_no_staff_unless_told_so():
    editor = User.objects.create_user("editor@example.org")
    admin = User.objects.create_superuser("admin@example.org", "long and secret")
    assert (editor.is_staff, editor.is_superuser, editor.has_usable_password()) == (False, False, False)
    assert (admin.is_staff, admin.is_superuser) == (True, True)


@pytest.mark.parametrize(
    ("names", "shown"), [({"first_name": "Amina", "last_name": "Diop"}, "Amina Diop"), ({}, "a@b.c")]
)
def test_people_are_shown_by_their_name_and_else_by_their_address(names, shown):
    assert str(UserFactory.build(email="a@b.c", **names)) == shown
