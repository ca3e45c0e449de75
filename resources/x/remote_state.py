"""What a line item of X holds: its targeting and its promoted posts. Both go by the line item's id,
and both are sets: bringing one to the approved set makes what is missing, then takes away the rest,
so that a line item never stands without a place in between (it would show to everybody)."""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.errors import Ambiguous, Refused, Retryable
from domain.platform import ACTIVE, ReadBack, Review
from resources.x.client import AdsClient
from resources.x.objects import DELETED

BATCH, PROMOTIONS = 500, 50
_PARAMS = ("targeting_type", "targeting_value", "operator_type")
_REVIEWS = {"ACCEPTED": Review.APPROVED, "REJECTED": Review.DISAPPROVED}
_WORST = (Review.DISAPPROVED, Review.LIMITED, Review.PENDING, Review.UNKNOWN, Review.APPROVED)
Row = Mapping[str, Any]


def find(client: AdsClient, account: str, kind: str, line_item: str) -> tuple[str, ...]:
    """(line_item,) if it holds anything of the kind."""
    if not line_item:
        raise Refused(f"a {kind} is found by its line item", mend="give the line item as parent")
    return (line_item,) if rows(client, account, kind, line_item) else ()


def create(client: AdsClient, account: str, kind: str, body: Mapping[str, Any]) -> str:
    """Send the whole set; answers the line item's id."""
    if kind == "targeting":
        operations = list(body["operations"])
        _send(client, account, operations, "create targeting")
        return str(operations[0]["params"]["line_item_id"])
    line_item = str(body["line_item_id"])
    _promote(client, account, line_item, list(map(str, body["tweet_ids"])))
    return line_item


def read(client: AdsClient, account: str, kind: str, line_item: str) -> ReadBack:
    held = rows(client, account, kind, line_item)
    status = ACTIVE if held else DELETED
    if kind == "targeting":
        operations = [_operation(line_item, row) for row in held]
        return ReadBack(kind, line_item, {"operations": operations}, status)
    fields = {"line_item_id": line_item, "tweet_ids": [str(row["tweet_id"]) for row in held]}
    return ReadBack(kind, line_item, fields, status, _review(held), _issues(held))


def change(
    client: AdsClient, account: str, kind: str, line_item: str, body: Mapping[str, Any]
) -> ReadBack:
    """Bring the set to the one of `body`; doing so twice does nothing the second time."""
    if kind == "targeting" and "operations" in body:
        _retarget(client, account, line_item, body["operations"])
    elif kind == "promoted_tweet" and "tweet_ids" in body:
        _repromote(client, account, line_item, list(map(str, body["tweet_ids"])))
    return read(client, account, kind, line_item)


def rows(client: AdsClient, account: str, kind: str, line_item: str) -> list[Row]:
    """What the line item holds now, in X's rows."""
    route = "targeting_criteria" if kind == "targeting" else "promoted_tweets"
    found = client.rows(f"accounts/{account}/{route}", f"read {kind}", line_item_ids=line_item)
    return [row for row in found if not row.get("deleted")]


def _retarget(client: AdsClient, account: str, line_item: str, operations: Sequence[Row]) -> None:
    wanted = {_criterion(op["params"]): op for op in operations}
    extra: list[Row] = []
    for row in rows(client, account, "targeting", line_item):
        if wanted.get(_criterion(row)) is None:
            extra.append(row)
        else:
            del wanted[_criterion(row)]
    deletes = [
        {"operation_type": "Delete", "params": {"targeting_criterion_id": row["id"]}}
        for row in extra
    ]
    _send(client, account, [*wanted.values(), *deletes], "update targeting")


def _send(client: AdsClient, account: str, operations: Sequence[Row], what: str) -> None:
    """Batches in order, each done or refused as a whole."""
    for start in range(0, len(operations), BATCH):
        batch = [dict(operation) for operation in operations[start : start + BATCH]]
        try:
            client.ask("POST", f"batch/accounts/{account}/targeting_criteria", what, json=batch)
        except Retryable as error:
            if start == 0:
                raise
            problem = Ambiguous(f"{start} criteria were sent: {error.what}", where=error.where)
        else:
            continue
        raise problem from None


def _repromote(client: AdsClient, account: str, line_item: str, tweets: Sequence[str]) -> None:
    missing = dict.fromkeys(tweets)
    extra: list[Row] = []
    for row in rows(client, account, "promoted_tweet", line_item):
        if str(row["tweet_id"]) in missing:
            del missing[str(row["tweet_id"])]
        else:
            extra.append(row)
    _promote(client, account, line_item, list(missing))
    for row in extra:
        client.ask(
            "DELETE",
            f"accounts/{account}/promoted_tweets/{row['id']}",
            "update promoted_tweet",
            absent_is_done=True,
        )


def _promote(client: AdsClient, account: str, line_item: str, tweets: Sequence[str]) -> None:
    for start in range(0, len(tweets), PROMOTIONS):
        client.ask(
            "POST",
            f"accounts/{account}/promoted_tweets",
            "create promoted_tweet",
            params={"line_item_id": line_item, "tweet_ids": tweets[start : start + PROMOTIONS]},
        )


def _operation(line_item: str, row: Row) -> dict[str, Any]:
    kind, value, operator = _criterion(row)
    return {
        "operation_type": "Create",
        "params": {
            "line_item_id": line_item,
            "targeting_type": kind,
            "targeting_value": value,
            "operator_type": operator,
        },
    }


def _criterion(row: Row) -> tuple[str, str, str]:
    """(type, value, operator); X leaves out the operator of some that are equal."""
    kind, value, operator = (row.get(name) for name in _PARAMS)
    return (str(kind), str(value), str(operator or "EQ"))


def _review(held: Sequence[Row]) -> Review:
    """The worst verdict over the promoted posts; what X has not decided is pending."""
    verdicts = {_REVIEWS.get(str(r.get("approval_status")), Review.PENDING) for r in held}
    return next((verdict for verdict in _WORST if verdict in verdicts), Review.UNKNOWN)


def _issues(held: Sequence[Row]) -> tuple[str, ...]:
    said: list[str] = []
    for row in held:
        if row.get("approval_status") != "ACCEPTED":
            said.append(f"post {row['tweet_id']}: {row.get('approval_status')}")
        said += map(str, row.get("reasons_not_servable") or ())
    return tuple(dict.fromkeys(said))
