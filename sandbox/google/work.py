"""One Mutate request under way: its customer, its time, and the temporary ids that it gave out."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.google.errors import Problems, Refusal, Step
from sandbox.google.kinds import BY_COLLECTION
from sandbox.google.state import State, Stored
from sandbox.google.world import Customer, World

_NAME = re.compile(r"customers/(\d+)/(\w+)/(-?\d+(?:~-?\d+)?)")
_CONTROL = re.compile(r"[\x00\n\r]")


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a new resource belongs: its own number, its parents' numbers, its unique name."""

    number: int
    resource: str
    campaign: int = 0
    ad_group: int = 0
    budget: int = 0
    name: str = ""


@dataclass(slots=True)
class Work:
    """`temporary` maps negative numbers to resource names, or to "" where the create failed.

    `whole`: one failure fails all, so what depends on a failed create is not reported as well.
    """

    state: State
    world: World
    customer: Customer
    now: datetime
    whole: bool = True
    temporary: dict[int, str] = field(default_factory=dict)

    def name(self, collection: str, *numbers: int) -> str:
        return f"customers/{self.customer.id}/{collection}/{'~'.join(map(str, numbers))}"

    def claim(self, resource: str, problems: Problems) -> int:
        """The temporary number that a create gives itself; 0 for none."""
        if not resource:
            return 0
        match = _NAME.fullmatch(resource)
        if not match or match[1] != self.customer.id:
            self.malformed(resource, problems, "resource_name")
            return 0
        number = int(match[3].rsplit("~", 1)[-1])
        if number < 0 and number in self.temporary:
            problems.add(
                "mutate_error",
                "ID_EXISTS_IN_MULTIPLE_MUTATES",
                f"The temporary id {number} is used twice.",
                "resource_name",
                trigger=resource,
            )
            return 0
        return min(number, 0)

    def find(self, resource: str, kind: str, problems: Problems, *path: Step) -> Stored | None:
        """The resource that a field names, temporary ids resolved; None adds an error."""
        match = _NAME.fullmatch(resource)
        if not match or match[1] != self.customer.id or match[2] not in BY_COLLECTION:
            self.malformed(resource, problems, *path)
            return None
        number = match[3]
        if number.startswith("-"):
            found = self.temporary.get(int(number))
            if found == "" and self.whole:
                raise Refusal
            known = self.state.get(found) if found else None
        else:
            known = self.state.get(resource)
        if known is None or known.kind != kind:
            problems.add(
                "mutate_error",
                "RESOURCE_NOT_FOUND",
                "Resource was not found.",
                *path,
                trigger=resource,
            )
            return None
        return known

    def malformed(self, resource: str, problems: Problems, *path: Step) -> None:
        problems.add(
            "request_error",
            "RESOURCE_NAME_MALFORMED",
            f"'{resource}' is not a resource name of customer {self.customer.id}.",
            *path,
            trigger=resource,
        )


def parent(
    work: Work, message: Any, kind: str, problems: Problems, field: str = ""
) -> Stored | None:
    """The parent that a message names in `field`, not removed; the message then holds its final
    name."""
    field = field or kind
    given = getattr(message, field)
    if not given:
        problems.required(field)
        return None
    found = work.find(given, kind, problems, field)
    if found is None:
        return None
    setattr(message, field, found.resource)
    if removed(found):
        problems.add(
            "context_error",
            "OPERATION_NOT_PERMITTED_FOR_REMOVED_RESOURCE",
            f"The {kind} is removed.",
            field,
            trigger=given,
        )
        return None
    return found


def removed(stored: Stored) -> bool:
    from_kind = BY_COLLECTION[stored.resource.split("/")[2]]
    return bool(stored.message().status == from_kind.removed)


def status_of_new(message: Any, kind: str, problems: Problems) -> None:
    """ENABLED unless it says otherwise: Google's default, and not a safe one."""
    values = message.DESCRIPTOR.fields_by_name["status"].enum_type.values_by_name
    if message.status == values["REMOVED"].number:
        problems.add(
            "operation_access_denied_error",
            "CREATE_AS_REMOVED_NOT_PERMITTED",
            f"A {kind} cannot be created as removed.",
            "status",
        )
    if message.status == 0:
        message.status = values["ENABLED"].number


def plain_name(message: Any, most: int, problems: Problems, invalid: tuple[str, str]) -> None:
    """`invalid` is the error of a name with NUL, line feed or carriage return."""
    if not message.HasField("name"):
        problems.required("name")
    elif not message.name.strip():
        problems.add("string_length_error", "TOO_SHORT", "Too short.", "name")
    elif len(message.name) > most:
        problems.add("string_length_error", "TOO_LONG", f"At most {most} characters.", "name")
    elif _CONTROL.search(message.name):
        problems.add(*invalid, "The name holds NUL, line feed or carriage return.", "name")


def set_default(message: Any, **values: Any) -> None:
    for name, value in values.items():
        if not message.HasField(name):
            setattr(message, name, value)


def same_name(work: Work, kind: str, message: Any) -> list[Stored]:
    """Others of the customer that are not removed and have the name, whatever its case."""
    return work.state.select(
        "customer = ? AND kind = ? AND folded = ? AND removed = 0 AND resource != ?",
        (work.customer.id, kind, message.name.casefold(), message.resource_name),
    )
