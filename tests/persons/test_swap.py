"""The swap that asks whether a name or a gender moves a person."""

from assets.segmentation.text.redaction import redact
from benchmarks.gender_swap import MEN, WOMEN, pair


def test_words_are_turned_in_their_case_and_only_whole():
    """Chairman becomes chairwoman; a hero does not become a shero."""
    his, hers = pair("CHAIRMAN. She led her team; the hero himself. Women of Boston.", 0, False)
    assert "CHAIRMAN. He led his team; the hero himself. Men of Boston." in his
    assert "CHAIRWOMAN. She led her team; the hero herself. Women of Boston." in hers


def test_every_name_of_the_swap_is_masked():
    """After redaction only the words of the text tell the two versions apart."""
    assert len(MEN) == len(WOMEN)
    for number in range(len(MEN)):
        his, hers = pair("Experience in accounting.", number, False)
        assert redact(his).text == redact(hers).text
