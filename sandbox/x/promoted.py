"""Promoted tweets: posts under a line item. They are made or deleted, never changed."""

from collections.abc import Mapping
from typing import Any

from sandbox.x.errors import XError
from sandbox.x.lists import Body, stored_page
from sandbox.x.parameters import IDS, PAGING, Field, read, shown
from sandbox.x.review import Review
from sandbox.x.showings import Showings
from sandbox.x.state import State, Stored
from sandbox.x.tweets import has_link
from sandbox.x.world import Account

_LIST = {**PAGING, "line_item_ids": IDS, "promoted_tweet_ids": IDS}
_CREATE = {"line_item_id": Field(required=True), "tweet_ids": Field("list", required=True, most=50)}


class Promoted:
    def __init__(self, state: State, review: Review, showings: Showings) -> None:
        self._state, self._review, self._showings = state, review, showings

    def page(self, account: Account, given: Mapping[str, Any]) -> Body:
        return stored_page(
            self._state,
            "promoted_tweet",
            account.id,
            read(given, _LIST),
            self.show,
            ids="promoted_tweet_ids",
            parents="line_item_ids",
        )

    def create(self, account: Account, given: Mapping[str, Any]) -> Body:
        fields = read(given, _CREATE)
        item = self._state.get("line_item", fields["line_item_id"])
        if item is None or item.deleted or item.account != account.id:
            raise XError("LINE_ITEM_NOT_FOUND", "no such line item", "line_item_id")
        tweets = [self._tweet(account, item, tweet_id) for tweet_id in fields["tweet_ids"]]
        made = []
        with self._state.change():
            for tweet in tweets:
                self._new(item, tweet)
                ad = self._state.add(
                    "promoted_tweet",
                    account.id,
                    {"tweet_id": tweet.id},
                    parent=item.id,
                    root=item.root,
                )
                self._showings.note(ad)
                made.append(ad)
        return {"data": [self.show(ad) for ad in made]}

    def _new(self, item: Stored, tweet: Stored) -> None:
        same = self._state.count(
            "kind = 'promoted_tweet' AND parent = ? AND deleted = 0 "
            "AND json_extract(fields, '$.tweet_id') = ?",
            item.id,
            tweet.id,
        )
        if same:
            raise XError(
                "DUPLICATE_PROMOTABLE_ENTITY", f"{tweet.id} is promoted there", "tweet_ids"
            )

    def delete(self, stored: Stored) -> Body:
        return {"data": self.show(self._state.replace(stored, stored.fields, deleted=True))}

    def show(self, stored: Stored) -> Body:
        verdict = self._review.verdict(stored)
        return {
            "line_item_id": stored.parent,
            "id": stored.id,
            "entity_status": "ACTIVE",
            "tweet_id": stored.fields["tweet_id"],
            "approval_status": verdict.status,
            "reasons_not_servable": list(verdict.reasons),
            "created_at": shown(stored.created),
            "updated_at": shown(stored.updated),
            "deleted": stored.deleted,
        }

    def _tweet(self, account: Account, item: Stored, tweet_id: str) -> Stored:
        tweet = self._state.get("tweet", tweet_id)
        if tweet is None or tweet.deleted or tweet.account != account.id:
            raise XError("TWEET_NOT_FOUND", f"no tweet {tweet_id}", "tweet_ids")
        leads = has_link(tweet) + bool(tweet.fields.get("card_uri"))
        if item.fields["objective"] == "WEBSITE_CLICKS" and leads != 1:
            raise XError(
                "INVALID_TWEET",
                "for WEBSITE_CLICKS a post has a website card or a link, one of the two",
                "tweet_ids",
            )
        return tweet
