"""GoogleAdsService.Mutate: operations of many kinds, in order, all of them or none."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
from google.ads.googleads.v26.services.types import google_ads_service
from google.rpc import status_pb2

from sandbox.google import ads, budgets, campaigns, criteria
from sandbox.google.errors import Problems, Refusal, problem
from sandbox.google.kinds import KINDS, Kind
from sandbox.google.mask import apply
from sandbox.google.payload import payload
from sandbox.google.state import State, Stored
from sandbox.google.work import Placed, Work, removed
from sandbox.google.world import Customer, World

Response: Any = google_ads_service.MutateGoogleAdsResponse.pb()
Result: Any = google_ads_service.MutateOperationResponse.pb()
MOST_OPERATIONS = 10_000
MUTABLE_RESOURCE = 2


@dataclass(frozen=True, slots=True)
class Rule:
    make: Callable[[Work, Any, Problems], Placed]
    check: Callable[[Work, Any, Problems, Any], None]


RULES = {
    "campaign_budget": Rule(budgets.make_budget, budgets.check_budget),
    "campaign": Rule(campaigns.make_campaign, campaigns.check_campaign),
    "campaign_criterion": Rule(criteria.make_campaign_criterion, criteria.check_criterion),
    "ad_group": Rule(criteria.make_ad_group, criteria.check_ad_group),
    "ad_group_criterion": Rule(criteria.make_ad_group_criterion, criteria.check_criterion),
    "ad_group_ad": Rule(ads.make_ad_group_ad, ads.check_ad_group_ad),
}


def mutate(state: State, world: World, customer: Customer, request: Any) -> Any:
    """The answer to a MutateGoogleAdsRequest; Refusal when it is refused as a whole."""
    operations = request.mutate_operations
    if not operations:
        raise Refusal(
            problem("request_error", "OPERATION_REQUIRED", "No operation.", "mutate_operations")
        )
    if len(operations) > MOST_OPERATIONS:
        raise Refusal(
            problem(
                "request_error",
                "TOO_MANY_MUTATE_OPERATIONS",
                f"At most {MOST_OPERATIONS}.",
                "mutate_operations",
            )
        )
    work = Work(state, world, customer, state.now(), not request.partial_failure)
    failed: list[Any] = []
    with state.change(keep=not request.validate_only):
        results, touched = _carry_out(work, operations, request.response_content_type, failed)
        if failed and not request.partial_failure:
            raise Refusal(*failed)
        _salt(state, touched)
    answer = Response()
    if not request.validate_only:
        answer.mutate_operation_responses.extend(results)
    if failed:
        answer.partial_failure_error.CopyFrom(_partial(failed))
    return answer


def _carry_out(
    work: Work, operations: Sequence[Any], content: int, failed: list[Any]
) -> tuple[list[Any], list[str]]:
    """One result an operation, empty where it failed; errors go to `failed`."""
    results, touched = [], []
    for number, operation in enumerate(operations):
        result = Result()
        try:
            with work.state.attempt():
                resource, kind = _operate(work, operation, number)
            into = getattr(result, f"{kind.name}_result")
            into.resource_name = resource
            touched.append(resource)
            if content == MUTABLE_RESOURCE:
                kept = work.state.get(resource)
                if kept is not None:
                    getattr(into, kind.name).CopyFrom(kept.message())
        except Refusal as refusal:
            failed.extend(refusal.errors)
        results.append(result)
    return results, touched


def _operate(work: Work, operation: Any, number: int) -> tuple[str, Kind]:
    field = operation.WhichOneof("operation")
    if field is None:
        raise Refusal(
            problem(
                "request_error",
                "OPERATION_REQUIRED",
                "Empty operation.",
                ("mutate_operations", number),
            )
        )
    kind = KINDS.get(field.removesuffix("_operation"))
    if kind is None:
        error = problem(
            "operator_error",
            "OPERATOR_NOT_SUPPORTED",
            f"The twin has no {field}.",
            ("mutate_operations", number),
            field,
        )
        raise Refusal(error)
    inner = getattr(operation, field)
    verb = inner.WhichOneof("operation")
    problems = Problems(("mutate_operations", number), field, *([verb] if verb else []))
    if verb is None:
        problems.required("operation")
        problems.settle()
    act = {"create": _create, "update": _update, "remove": _remove}[str(verb)]
    return act(work, kind, inner, problems), kind


def _create(work: Work, kind: Kind, inner: Any, problems: Problems) -> str:
    message = kind.message.FromString(inner.create.SerializeToString())
    temporary = work.claim(message.resource_name, problems)
    if temporary:
        work.temporary[temporary] = ""
    message.resource_name = ""
    for name in kind.computed:
        message.ClearField(name)
    placed = RULES[kind.name].make(work, message, problems)
    problems.settle()
    message.resource_name = placed.resource
    work.state.add(
        kind.name,
        work.customer.id,
        placed.number,
        message,
        work.now,
        campaign=placed.campaign,
        ad_group=placed.ad_group,
        budget=placed.budget,
        name=placed.name,
    )
    if temporary:
        work.temporary[temporary] = placed.resource
    return placed.resource


def _update(work: Work, kind: Kind, inner: Any, problems: Problems) -> str:
    stored = _standing(work, kind, inner.update.resource_name, problems, "resource_name")
    before, after = stored.message(), stored.message()
    apply(kind, inner, after, problems)
    RULES[kind.name].check(work, after, problems, before)
    problems.settle()
    work.state.replace(stored, after, work.now)
    return stored.resource


def _remove(work: Work, kind: Kind, inner: Any, problems: Problems) -> str:
    stored = _standing(work, kind, inner.remove, problems)
    if kind.name == "campaign_budget" and work.state.select(
        "budget = ? AND kind = 'campaign' AND removed = 0", (stored.number,)
    ):
        problems.add("campaign_budget_error", "CAMPAIGN_BUDGET_IN_USE", "A campaign uses it.")
    problems.settle()
    message = stored.message()
    message.status = kind.removed
    work.state.replace(stored, message, work.now)
    return stored.resource


def _standing(work: Work, kind: Kind, resource: str, problems: Problems, *path: str) -> Stored:
    """The resource that an operation changes; Refusal when it is missing or removed."""
    if not resource:
        problems.add("request_error", "RESOURCE_NAME_MISSING", "No resource name.", *path)
        problems.settle()
    stored = work.find(resource, kind.name, problems, *path)
    problems.settle()
    if stored is None:
        raise LookupError(resource)
    if removed(stored):
        family, name = (
            ("ad_group_ad_error", "CANNOT_OPERATE_ON_REMOVED_ADGROUPAD")
            if kind.name == "ad_group_ad"
            else ("context_error", "OPERATION_NOT_PERMITTED_FOR_REMOVED_RESOURCE")
        )
        problems.add(family, name, "It is removed.", *path, trigger=resource)
        problems.settle()
    return stored


def _salt(state: State, touched: Sequence[str]) -> None:
    """Give new campaigns, ad groups and ads what seeds their delivery: what they held when they
    were made, and how many of the same content came before. No name goes in."""
    for resource in touched:
        stored = state.get(resource)
        if (
            stored is None
            or stored.salt
            or stored.kind not in ("campaign", "ad_group", "ad_group_ad")
        ):
            continue
        digest = hashlib.sha256(payload(state, stored).encode()).hexdigest()[:24]
        state.salt(stored, digest)


def _partial(failed: Sequence[Any]) -> Any:
    refusal = Refusal(*failed)
    status = status_pb2.Status(code=grpc.StatusCode.INVALID_ARGUMENT.value[0], message=str(refusal))
    status.details.add().Pack(refusal.failure(""))
    return status
