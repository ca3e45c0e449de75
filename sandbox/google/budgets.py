"""Campaign budgets: whole cents, above the minimum, shared unless they say otherwise."""

from typing import Any

from sandbox.google.errors import Problems
from sandbox.google.kinds import KINDS
from sandbox.google.work import Placed, Work, same_name
from sandbox.google.world import SUB_UNIT_MICROS

STANDARD, ACCELERATED, DAILY = 2, 3, 2


def make_budget(work: Work, message: Any, problems: Problems) -> Placed:
    if not message.HasField("explicitly_shared"):
        message.explicitly_shared = True
    message.delivery_method = message.delivery_method or STANDARD
    message.period = message.period or DAILY
    message.type_ = message.type_ or STANDARD
    message.status = KINDS["campaign_budget"].enabled
    check_budget(work, message, problems, None)
    number = work.state.next_number()
    message.id, message.reference_count = number, 0
    name = message.name if message.explicitly_shared else ""
    return Placed(number, work.name("campaignBudgets", number), name=name)


def check_budget(work: Work, message: Any, problems: Problems, before: Any) -> None:
    """A budget as it would be after the operation; `before` is None for a create."""
    if message.delivery_method == ACCELERATED:
        problems.add(
            "campaign_budget_error",
            "CANNOT_USE_ACCELERATED_DELIVERY_MODE",
            "Accelerated delivery is gone.",
            "delivery_method",
        )
    if before is not None and before.explicitly_shared and not message.explicitly_shared:
        problems.add(
            "campaign_budget_error",
            "CANNOT_UPDATE_CAMPAIGN_BUDGET_TO_IMPLICITLY_SHARED",
            "A shared budget stays shared.",
            "explicitly_shared",
        )
    if message.explicitly_shared:
        _budget_name(work, message, problems)
    if not message.HasField("amount_micros"):
        problems.required("amount_micros")
        return
    _amount(work, message.amount_micros, problems)


def _budget_name(work: Work, message: Any, problems: Problems) -> None:
    if not message.name.strip():
        problems.required("name")
    elif len(message.name.encode()) > 255:
        problems.add("string_length_error", "TOO_LONG", "At most 255 bytes.", "name")
    elif same_name(work, "campaign_budget", message):
        problems.add(
            "campaign_budget_error",
            "DUPLICATE_NAME",
            "A budget with this name exists.",
            "name",
            trigger=message.name,
        )


def _amount(work: Work, amount: int, problems: Problems) -> None:
    least = work.customer.minimum_budget_micros
    if amount < 0:
        problems.add("campaign_budget_error", "NEGATIVE_MONEY_AMOUNT", "Negative.", "amount_micros")
    elif amount % SUB_UNIT_MICROS:
        problems.add(
            "campaign_budget_error",
            "NON_MULTIPLE_OF_MINIMUM_CURRENCY_UNIT",
            f"The amount is no multiple of {SUB_UNIT_MICROS} micros.",
            "amount_micros",
        )
    elif amount < least:
        error = problems.add(
            "campaign_budget_error",
            "BUDGET_BELOW_PER_DAY_MINIMUM",
            "The budget is below the minimum of a day.",
            "amount_micros",
        )
        details = error.details.budget_per_day_minimum_error_details
        details.currency_code = work.customer.currency
        details.budget_per_day_minimum_micros = least
        details.minimum_budget_amount_micros = least
        details.failed_budget_amount_micros = amount
