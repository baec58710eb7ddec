"""Where the portal differs from django-allauth: nobody makes an account for themselves."""

import logging

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import SignupClosedException
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.base.constants import AuthProcess

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        return False

    def send_notification_mail(self, template_prefix, user, *args, **kwargs):
        """Tell ``user`` what was changed. The change stands where no letter can be sent."""
        try:
            super().send_notification_mail(template_prefix, user, *args, **kwargs)
        except OSError:
            logger.exception("%s could not be told of %s.", user.email, template_prefix)


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    def pre_social_login(self, request, sociallogin):
        """Whose address was invited is let in; nobody ties a foreign account to theirs while signed in."""
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            raise SignupClosedException
