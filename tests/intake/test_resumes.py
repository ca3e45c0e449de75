"""Résumés: a key and a text; no fault ever quotes the text."""

import pytest

from resources.files.addresses import same_site
from resources.files.resumes import read_resumes


def test_good_resumes_are_kept_beside_bad_ones(tmp_path):
    """Empty, repeated, keyless and endless ones are named by line and field."""
    path = tmp_path / "r.csv"
    big = "secret " * 20_000
    path.write_text(f"resume_key,text\na,<p>Cooks</p>\nb,\na,again\n,keyless\nc,{big}\nd,Welds\n")
    rows = read_resumes(path)
    assert rows.good == (("a", "Cooks"), ("d", "Welds"))
    assert [(f.line, f.field) for f in rows.faults] == [
        (3, "text"),
        (4, "resume_key"),
        (5, "resume_key"),
        (6, "text"),
    ]
    assert not any("secret" in f.rule for f in rows.faults)


def test_resumes_under_other_names_are_mapped(tmp_path):
    """ID and Resume_str are what one public corpus calls them."""
    path = tmp_path / "r.jsonl"
    path.write_text('{"ID": 16852973, "Resume_str": "Cooks"}')
    mapping = {"resume_key": "ID", "text": "Resume_str"}
    assert read_resumes(path, mapping=mapping).good == (("16852973", "Cooks"),)


@pytest.mark.parametrize(
    ("host", "domain", "same"),
    [
        ("jobs.acme.co.uk", "www.acme.co.uk", True),
        ("acme.co.uk", "other.co.uk", False),
        ("a.github.io", "b.github.io", True),
        ("jobs.acme.example", "acme.example", True),
        ("acme.example", "other.example", False),
        ("acme.com.evil.example", "acme.com", False),
        ("127.0.0.1", "127.0.0.2", False),
        ("localhost", "localhost", True),
        ("münchen.de", "www.münchen.de", True),
    ],
)
def test_sites_are_compared_by_registrable_domain(host, domain, same):
    """Offline, by the bundled public suffix list."""
    assert same_site(host, domain) is same
