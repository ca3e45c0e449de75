"""The n-grams that a group's own terms are chosen from."""

import numpy as np

from assets.segmentation.model.profiles import class_terms, ngrams


def test_words_are_joined_only_where_they_stand_side_by_side():
    """Stop words, punctuation, numbers and single letters part; C++ is a word."""
    assert ngrams("Ward nurse. The night shift") == [
        "ward",
        "nurse",
        "ward nurse",
        "night",
        "shift",
        "night shift",
    ]
    assert ngrams("C++ build tools\nGo 3D e art") == [
        "c++",
        "build",
        "tools",
        "c++ build",
        "build tools",
        "c++ build tools",
        "art",
    ]
    assert ngrams("of the 24, a 7") == ngrams("") == []


def test_what_one_text_says_is_no_term_of_its_group():
    """A term stands in two texts of its group; "night shift" holds what is told already."""
    texts = ["night shift, Acme", "night shift", "day work", "menu and kitchen", "menu"]
    found = class_terms(texts, np.array([0, 0, 0, 1, 1]), top=5)
    assert found == [("night", "shift"), ("menu",)]
