"""The AdPlatform contract over the real facebook-business SDK."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from domain.errors import NotFound, Refused
from domain.networks.meta import META
from domain.platform import (
    ACTIVE,
    FILES,
    Account,
    Activated,
    Candidate,
    Created,
    Found,
    Insight,
    Mode,
    Network,
    Pace,
    ReadBack,
)
from resources.meta import insights, media
from resources.meta.errors import called
from resources.meta.kinds import ALIVE, FIELDS, review
from resources.meta.pages import rows
from resources.shared_rate_limits import UNPACED

T = TypeVar("T")
PAGE = 500


@dataclass(frozen=True, slots=True)
class MetaPlatform:
    """One token's view of Meta. `images` is the folder of stored files, named by content."""

    api: Any = field(repr=False)
    token: str = field(repr=False)
    mode: Mode
    images: Path
    pace: Pace = UNPACED
    _paused: set[tuple[str, str]] = field(default_factory=set, repr=False)
    """(kind, id) of what was paused here; the next read of it confirms that."""
    network: ClassVar[Network] = Network.META

    def verify(self, account_id: str) -> Account:
        """The account's currency, zone and least daily budget; Refused when it may not spend."""
        fields = ["account_id", "account_status", "currency", "timezone_name", "min_daily_budget"]
        held = self._call(
            lambda: self._account(account_id).api_get(fields=fields), f"account {account_id}"
        )
        if int(held.get("account_status", 0)) != 1:
            raise Refused("the account is not active", where=account_id, mend="see Ads Manager")
        return Account(
            account_id,
            held["currency"],
            held["timezone_name"],
            META.minor(int(held.get("min_daily_budget") or 0), held["currency"]),
            self.mode,
        )

    def find(self, account_id: str, kind: str, key: str, parent: str = "") -> Found:
        """Objects whose name starts with `key`; Meta only filters by "contains"."""
        named = self._call(lambda: self._named(account_id, kind, key), f"find {kind}")
        mine = [row for row in named if str(row.get("name", "")).startswith(key)]
        mine.sort(key=lambda row: (str(row.get("created_time", "")), _number(row["id"])))
        return Found(kind, tuple(str(row["id"]) for row in mine))

    def create(self, account_id: str, kind: str, body: Mapping[str, Any]) -> Created:
        account = self._account(account_id)
        if kind in FILES:
            return Created(kind, self._upload(account, kind, str(body["name"])))
        creates = {
            "campaign": account.create_campaign,
            "adset": account.create_ad_set,
            "creative": account.create_ad_creative,
            "ad": account.create_ad,
        }
        sent = dict(body) if media.film(body) is None else self._illustrated(body)
        made = self._call(lambda: creates[kind](params=sent), f"create {kind}", writes=True)
        return Created(kind, str(made["id"]))

    def read(self, kind: str, object_id: str) -> ReadBack:
        node = self._node(kind, object_id)
        held = self._call(
            lambda: node.api_get(fields=FIELDS[kind].split()).export_all_data(),
            f"read {kind}",
            urgent=(kind, object_id) in self._paused,
        )
        if held.get("status") != ACTIVE:
            self._paused.discard((kind, object_id))
        if kind == "ad" and isinstance(held.get("creative"), Mapping):
            held["creative"] = {"creative_id": held["creative"].get("id")}
        issues = tuple(str(i.get("error_message", i)) for i in held.get("issues_info") or ())
        return ReadBack(
            kind,
            object_id,
            held,
            str(held.get("status", "")),
            review(kind, str(held.get("effective_status", ""))),
            issues,
        )

    def activate(self, kind: str, object_id: str) -> Activated:
        self._paused.discard((kind, object_id))
        return self._switch(kind, object_id, "ACTIVE")

    def pause(self, kind: str, object_id: str) -> Activated:
        """Sent through any silence that we keep, as is the read that confirms it."""
        paused = self._switch(kind, object_id, "PAUSED", urgent=True)
        self._paused.add((kind, object_id))
        return paused

    def update(self, kind: str, object_id: str, body: Mapping[str, Any]) -> ReadBack:
        node = self._node(kind, object_id)
        self._call(lambda: node.api_update(params=dict(body)), f"update {kind}", writes=True)
        return self.read(kind, object_id)

    def report(
        self, account_id: str, ad_ids: Sequence[str], since: date, until: date
    ) -> Sequence[Insight]:
        """Daily numbers of `ad_ids`, both days inclusive."""
        found: list[Insight] = []
        for start, end in insights.spans(since, until):
            for ids in insights.groups(ad_ids):
                found += self._report(account_id, ids, start, end)
        return found

    def lookup(self, kind: str, query: Mapping[str, Any]) -> Sequence[Candidate]:
        """Candidates for {"q", "country_code", "location_types"}, or every interest that the
        network lists for the query's regulated categories."""
        if kind == "geolocation":
            return self._places(query)
        if kind == "allowed_interests":
            return self._interests(query)
        raise NotFound(f"Meta has no lookup {kind!r}")

    def _places(self, query: Mapping[str, Any]) -> list[Candidate]:
        params = {
            "type": "adgeolocation",
            "q": query["q"],
            "country_code": query["country_code"],
            "location_types": list(query["location_types"]),
            "limit": 25,
        }
        found = self._call(
            lambda: self.api.call("GET", ("search",), params=params).json()["data"], "search"
        )
        return [
            Candidate(str(r["key"]), str(r["name"]), str(r["type"]), {**r, "kind": r["type"]})
            for r in found
        ]

    def _interests(self, query: Mapping[str, Any]) -> list[Candidate]:
        params = {
            "limit_type": "interests",
            "regulated_categories": list(query["regulated_categories"]),
            "regulated_countries": list(query["regulated_countries"]),
        }
        account_id, what = str(query["account_id"]), "targetingbrowse"
        account = self._account(account_id)
        browsed = self._call(
            lambda: [
                row.export_all_data()
                for row in rows(account.get_targeting_browse(params=params), account_id, what)
            ],
            what,
        )
        listed = [r for r in browsed if r.get("type") == "interests"]
        return [Candidate(str(r["id"]), str(r["name"]), "interest", r) for r in listed]

    def _report(
        self, account_id: str, ids: Sequence[str], since: date, until: date
    ) -> list[Insight]:
        params = {
            "level": "ad",
            "time_increment": 1,
            "limit": 500,
            "time_range": {"since": since.isoformat(), "until": until.isoformat()},
            "filtering": [{"field": "ad.id", "operator": "IN", "value": list(ids)}],
            "action_attribution_windows": [insights.ATTRIBUTION],
        }
        account, fields = self._account(account_id), list(insights.FIELDS)

        def asked() -> list[Insight]:
            cursor = account.get_insights(fields=fields, params=params)
            found = rows(cursor, account_id, "insights")
            return [insights.insight(row.export_all_data()) for row in found]

        return self._call(asked, "insights")

    def _named(self, account_id: str, kind: str, key: str) -> list[Mapping[str, Any]]:
        account = self._account(account_id)
        if kind in FILES:
            return media.find(account, account_id, kind, key)
        params: dict[str, Any] = {"limit": PAGE}
        if kind in ALIVE:
            params["effective_status"] = ALIVE[kind]
            params["filtering"] = [{"field": f"{kind}.name", "operator": "CONTAIN", "value": key}]
        edges = {
            "campaign": account.get_campaigns,
            "adset": account.get_ad_sets,
            "creative": account.get_ad_creatives,
            "ad": account.get_ads,
        }
        fields = ["id", "name", *(["created_time"] if kind in ALIVE else [])]
        return rows(edges[kind](fields=fields, params=params), account_id, f"find {kind}")

    def _upload(self, account: Any, kind: str, name: str) -> str:
        path = media.stored(self.images, name)
        return self._call(
            lambda: media.upload(self.api, account, kind, path), "upload", writes=True
        )

    def _illustrated(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """A video creative with the still picture that Meta wants of it."""
        video = str(body["object_story_spec"]["video_data"]["video_id"])
        node = self._node("video", video)
        held = self._call(
            lambda: node.api_get(fields=["status", "picture"]).export_all_data(), "read video"
        )
        return media.with_still(body, held)

    def _switch(self, kind: str, object_id: str, status: str, *, urgent: bool = False) -> Activated:
        node = self._node(kind, object_id)
        self._call(
            lambda: node.api_update(params={"status": status}),
            f"{status} {kind}",
            writes=True,
            urgent=urgent,
        )
        return Activated(kind, object_id, status)

    def _node(self, kind: str, object_id: str) -> Any:
        from facebook_business.adobjects.ad import Ad
        from facebook_business.adobjects.adcreative import AdCreative
        from facebook_business.adobjects.adset import AdSet
        from facebook_business.adobjects.advideo import AdVideo
        from facebook_business.adobjects.campaign import Campaign

        kinds = {
            "campaign": Campaign,
            "adset": AdSet,
            "creative": AdCreative,
            "ad": Ad,
            "video": AdVideo,
        }
        return kinds[kind](object_id, api=self.api)

    def _account(self, account_id: str) -> Any:
        from facebook_business.adobjects.adaccount import AdAccount

        return AdAccount(account_id, api=self.api)

    def _call(
        self, call: Callable[[], T], what: str, *, writes: bool = False, urgent: bool = False
    ) -> T:
        if not urgent:
            self.pace.check()
        return called(call, what=f"Meta {what}", writes=writes, token=self.token, pace=self.pace)


def _number(object_id: Any) -> tuple[int, str]:
    """Ids grow with age; images have ids that are no numbers."""
    text = str(object_id)
    return (int(text), text) if text.isdigit() else (0, text)
