"""An account of X: what it may spend, and for whom it posts."""

from collections.abc import Iterable, Mapping
from typing import Any

from domain.errors import Refused
from domain.money import EXPONENT
from domain.platform import Account, Mode
from resources.x.client import AdsClient

MANAGERS = frozenset({"ACCOUNT_ADMIN", "AD_MANAGER"})
COMPOSER = "TWEET_COMPOSER"


def verify(client: AdsClient, account_id: str, mode: Mode) -> Account:
    """Refused, with what a person must do, when job ads cannot run on the account."""
    held = client.one(f"accounts/{account_id}", "account")
    if held.get("deleted") or held.get("approval_status") != "ACCEPTED":
        raise Refused(
            f"the account is {held.get('approval_status')}", where=account_id, mend="see ads.x.com"
        )
    instrument = _usable(account_id, _list(client, account_id, "funding_instruments"))
    user = promotable_user(client, account_id)
    _may(client, account_id, user)
    _unlimited(client, account_id)
    ids = {"funding_instrument": str(instrument["id"]), "promotable_user": user}
    currency = str(instrument["currency"])
    # X documents no least daily budget and refuses small ones; one whole unit is our own least.
    least = 10 ** EXPONENT.get(currency, 2)
    return Account(account_id, currency, str(held["timezone"]), least, mode, ids)


def zone_and_currency(client: AdsClient, account_id: str) -> tuple[str, str]:
    """What reports are counted in, also where nothing may be spent any more."""
    held = client.one(f"accounts/{account_id}", "account")
    instruments = sorted(
        _list(client, account_id, "funding_instruments", with_deleted=True),
        key=lambda row: (bool(row.get("deleted")), str(row.get("created_at"))),
    )
    if not instruments:
        raise Refused("no funding instrument names a currency", where=account_id)
    return str(held["timezone"]), str(instruments[0]["currency"])


def promotable_user(client: AdsClient, account_id: str) -> str:
    """The user whose posts the account promotes."""
    for row in _list(client, account_id, "promotable_users"):
        if row.get("promotable_user_type") == "FULL" and not row.get("deleted"):
            return str(row["user_id"])
    raise Refused(
        "the account promotes no user's posts",
        where=account_id,
        mend="add a handle to the account on ads.x.com",
    )


def _usable(account_id: str, instruments: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The oldest instrument that can pay."""
    reasons: list[str] = []
    for row in sorted(instruments, key=lambda r: (str(r.get("created_at")), str(r["id"]))):
        active = row.get("entity_status", "ACTIVE") == "ACTIVE" and not row.get("deleted")
        if active and row.get("able_to_fund", True):
            return row
        reasons += map(str, row.get("reasons_not_able_to_fund") or ())
    said = f": {', '.join(dict.fromkeys(reasons))}" if reasons else ""
    raise Refused(
        f"no funding instrument can pay{said}",
        where=account_id,
        mend="add a means of payment on ads.x.com",
    )


def _may(client: AdsClient, account_id: str, user: str) -> None:
    """The user of the token must be allowed to run campaigns and to post for `user`."""
    access = client.one(f"accounts/{account_id}/authenticated_user_access", "access")
    granted = {str(p) for p in access.get("permissions") or ()}
    may_post = COMPOSER in granted or str(access.get("user_id")) == user
    if granted & MANAGERS and may_post:
        return
    lacking = COMPOSER if granted & MANAGERS else "AD_MANAGER"
    raise Refused(
        f"the connected user has {', '.join(sorted(granted)) or 'no permission'}",
        where=account_id,
        mend=f"an admin of the account must grant {lacking} on ads.x.com",
    )


def _unlimited(client: AdsClient, account_id: str) -> None:
    """Accounts that X counts to housing, lending or employment may not target cities, which our
    line items do (the rule of 2020; some accounts still carry it)."""
    features = client.ask("GET", f"accounts/{account_id}/features", "features").get("data") or ()
    limits = [
        str(f)
        for f in features
        if "LIMITATION" in str(f) and ("HOUSING" in str(f) or "EMPLOYMENT" in str(f))
    ]
    if limits:
        raise Refused(
            f"the account is limited by {', '.join(limits)}, which forbids cities",
            where=account_id,
            mend="ask X to lift it, or use another account",
        )


def _list(
    client: AdsClient, account_id: str, edge: str, **params: Any
) -> Iterable[Mapping[str, Any]]:
    return client.rows(f"accounts/{account_id}/{edge}", edge.replace("_", " "), **params)
