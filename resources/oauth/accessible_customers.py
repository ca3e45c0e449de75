"""Which Google Ads accounts a grant reaches."""

from collections.abc import Sequence
from typing import Any

from domain.errors import InputError, PlatformError
from domain.networks.google import ADS
from resources.oauth.flow import Choice, Grant
from resources.security.network_addresses import address
from resources.settings import Settings


def customers(grant: Grant, settings: Settings) -> Sequence[Choice]:
    """Accounts that run ads themselves, with their names; managers are left out: what they manage
    is reached with JOBADS_GOOGLE_LOGIN_CUSTOMER_ID and an account that is named."""
    from resources import google

    platform = google.platform(
        token=grant.token,
        address=address(settings, ADS),
        mode=settings.mode,
        developer_token=settings.google_developer_token,
        login_customer_id=settings.google_login_customer_id,
    )
    try:
        found = platform.accounts()
    except PlatformError as error:
        raise InputError(
            f"Google did not list the accounts: {error.what}",
            where="Google",
            mend="name one: --account 1234567890",
        ) from None
    choices = [_choice(platform, account_id) for account_id in found]
    return [choice for choice in choices if choice]


def _choice(platform: Any, account_id: str) -> Choice | None:
    """None for an account that runs no ads, or shows itself no more."""
    try:
        platform.verify(account_id)
    except PlatformError:
        return None
    return Choice(account_id, "")
