"""Updates by field mask: only what the mask names is changed."""

from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from sandbox.google.errors import Problems
from sandbox.google.kinds import Kind


def apply(kind: Kind, operation: Any, message: Any, problems: Problems) -> None:
    """Copy what `operation.update_mask` names from `operation.update` into `message`."""
    if not operation.update_mask.paths:
        problems.add("field_mask_error", "FIELD_MASK_MISSING", "An update needs a mask.")
    for path in operation.update_mask.paths:
        chain = fields(message.DESCRIPTOR, path)
        if chain is None:
            problems.add("field_mask_error", "FIELD_NOT_FOUND", f"No field {path}.", trigger=path)
        elif chain[0].name == "resource_name":
            continue
        elif chain[0].name in kind.immutable | kind.computed:
            problems.add(
                "field_error",
                "IMMUTABLE_FIELD",
                f"{path} may not be changed.",
                *path.split("."),
                trigger=path,
            )
        elif _whole_message(chain[-1]):
            problems.add(
                "field_mask_error",
                "FIELD_HAS_SUBFIELDS",
                f"Name the parts of {path}.",
                trigger=path,
            )
        else:
            _copy(operation.update, message, chain)
    removed = message.status == kind.removed
    if removed and "status" in operation.update_mask.paths:
        problems.add(
            "enum_error", "ENUM_VALUE_NOT_PERMITTED", "Use the remove operation.", "status"
        )


def fields(descriptor: Any, path: str) -> list[FieldDescriptor] | None:
    """The fields along a dotted path; None when one does not exist. The package calls the
    network's `type` `type_`."""
    chain: list[FieldDescriptor] = []
    for name in path.split("."):
        if descriptor is None:
            return None
        field = descriptor.fields_by_name.get(name) or descriptor.fields_by_name.get(f"{name}_")
        if field is None or name.endswith("_"):
            return None
        chain.append(field)
        descriptor = field.message_type
    return chain


def _whole_message(field: FieldDescriptor) -> bool:
    return bool(field.message_type and field.message_type.fields and not field.is_repeated)


def _copy(source: Any, target: Any, chain: list[FieldDescriptor]) -> None:
    for field in chain[:-1]:
        source, target = getattr(source, field.name), getattr(target, field.name)
        target.SetInParent()
    last = chain[-1]
    target.ClearField(last.name)
    if last.is_repeated:
        getattr(target, last.name).MergeFrom(getattr(source, last.name))
    elif last.message_type is not None:
        if source.HasField(last.name):
            getattr(target, last.name).CopyFrom(getattr(source, last.name))
    elif not last.has_presence or source.HasField(last.name):
        setattr(target, last.name, getattr(source, last.name))
