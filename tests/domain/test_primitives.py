"""What primitives look like as JSON, and back."""

import json
from dataclasses import asdict

from domain.primitives import Evidence, Primitive, Primitives

NURSE = Primitive(
    "onet:29-1141.00", "Registered Nurses", 0.9, "text", (Evidence("title", 0, 5, "Nurse"),)
)
SENIOR = Primitive("senior", "Senior", 0.7, "text", (Evidence("title", 0, 6, "Senior"),))
CARE = Primitive("term:care", "care", 0.5, "inferred")
FULL = Primitives((CARE,), (CARE, NURSE), (NURSE,), SENIOR, (NURSE,))


def test_every_field_is_in_the_json():
    """A field that is added to one of the classes may not be forgotten in what is written."""
    assert FULL.as_dict() == asdict(FULL)
    assert list(FULL.as_dict()) == list(asdict(FULL))
    assert list(FULL.as_dict()["seniority"]) == list(asdict(SENIOR))


def test_json_is_read_back_as_it_was():
    for one in (FULL, Primitives()):
        assert Primitives.from_dict(json.loads(json.dumps(one.as_dict()))) == one


def test_no_seniority_is_an_empty_object():
    assert Primitives().as_dict()["seniority"] == {}
