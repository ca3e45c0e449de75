"""`jobads basis`, as a person types it."""

from tests.cli.test_import_command import jobads  # noqa: F401 a fixture


def test_a_basis_is_set_shown_and_revoked(jobads):  # noqa: F811
    """Each command says what holds from then on."""
    code, said = jobads("basis", "show", "--team", "Acme")
    assert code == 0 and "no basis holds" in said
    code, said = jobads(
        "basis",
        "set",
        "--team",
        "Acme",
        "--purpose",
        "consent of who applied",
        "--until",
        "2099-06-30",
    )
    assert code == 0 and "until 2099-07-01 00:00 UTC: consent of who applied" in said
    code, said = jobads("basis", "show", "--team", "Acme")
    assert said.startswith("holds: set ") and "no basis holds" not in said
    assert "without résumés" in jobads("basis", "revoke", "--team", "Acme")[1]
    code, said = jobads("basis", "show", "--team", "Acme")
    assert said.startswith("over: ") and "no basis holds" in said


def test_a_day_that_is_none_or_is_past_is_refused(jobads):  # noqa: F811
    """Exit code 2, one line, and nothing is stored."""
    for until, why in (("30.06.2099", "is no day"), ("2020-01-01", "is not after")):
        code, said = jobads("basis", "set", "--team", "Acme", "--purpose", "x", "--until", until)
        assert code == 2 and why in said and "Traceback" not in said
    assert "no basis holds" in jobads("basis", "show", "--team", "Acme")[1]


def test_a_viewer_may_not_say_why_résumés_are_used(jobads):  # noqa: F811
    """And once a team has members, somebody has to sign."""
    jobads("teams", "members", "add", "Acme", "vi@acme.com", "--role", "viewer")
    code, said = jobads("basis", "set", "--team", "Acme", "--purpose", "x")
    assert code == 2 and "say who you are" in said
    given = ("--purpose", "x", "--as", "vi@acme.com")
    code, said = jobads("basis", "set", "--team", "Acme", *given)
    assert code == 2 and "viewer" in said
