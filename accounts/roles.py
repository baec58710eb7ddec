"""Who may do what at the desk: four roles, kept as groups of permissions.

Each role but the last may do all that the one before it may. An account may have several.
"""

from itertools import accumulate

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission

CONTRIBUTOR, EDITOR, PUBLISHER, ADMINISTRATOR = "contributor", "editor", "publisher", "administrator"

_READ = [
    *("practices.view_measure", "practices.view_source", "practices.view_organization", "practices.view_tag"),
    *("practices.view_topic", "practices.view_measuretype", "practices.view_beneficiary", "practices.view_crisis"),
    *("practices.view_coverage", "countries.view_country", "countries.view_group"),
    *("practices.view_citation", "practices.view_spectrumband", "practices.view_spectrumrange"),
    "practices.view_change",
]
_PARTS = [
    f"practices.{action}_{part}"
    for part in ("citation", "spectrumband", "spectrumrange")
    for action in ("add", "change", "delete")
]
_DESK = {
    # Own drafts, and what these name.
    CONTRIBUTOR: [
        *_READ,
        *("practices.add_measure", "practices.change_measure", "practices.delete_measure"),
        *_PARTS,
        *("practices.add_source", "practices.add_organization", "practices.add_tag"),
    ],
    # All drafts, and their review.
    EDITOR: [
        *("practices.edit_any_measure", "practices.view_proposal"),
        *("practices.change_source", "practices.change_organization", "practices.change_tag"),
        *("practices.add_coverage", "practices.change_coverage", "practices.delete_coverage"),
    ],
    PUBLISHER: [
        "practices.publish_measure",
        *("practices.delete_source", "practices.delete_organization", "practices.delete_tag"),
    ],
}
# Accounts and the codebook, which decide who works and in which terms; records are for the others.
_CODEBOOK = [
    *("practices.topic", "practices.measuretype", "practices.beneficiary", "practices.crisis"),
    *("countries.country", "countries.group"),
]
PERMISSIONS = dict(zip(_DESK, accumulate(_DESK.values()), strict=True)) | {
    ADMINISTRATOR: [
        *_READ,
        *("accounts.view_user", "accounts.add_user", "accounts.change_user", "accounts.delete_user"),
        "auth.view_group",
        *(
            "{}.{}_{}".format(name.partition(".")[0], action, name.partition(".")[2])
            for name in _CODEBOOK
            for action in ("add", "change", "delete")
        ),
    ]
}


def keep_roles(using, **kwargs):
    """Have the groups of the roles, each with its permissions and no others (a post_migrate receiver)."""
    for label in ("accounts", "auth", "countries", "practices"):
        create_permissions(apps.get_app_config(label), verbosity=0, using=using)
    permissions = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.using(using).select_related("content_type")
    }
    for role, names in PERMISSIONS.items():
        group, _created = Group.objects.using(using).get_or_create(name=role)
        group.permissions.set([permissions[name] for name in names])
