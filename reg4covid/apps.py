from django.contrib.admin.apps import AdminConfig


class DeskConfig(AdminConfig):
    """Django's admin with our site, ``reg4covid.desk``."""

    default_site = "reg4covid.desk.DeskSite"
