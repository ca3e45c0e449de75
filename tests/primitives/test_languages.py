"""Which language an ad is in, and what follows when the encoder cannot read it."""

import pytest

from assets.segmentation.audiences.arms import arms
from assets.segmentation.config import SegmentationConfig
from assets.segmentation.model.profiles import Profile
from assets.segmentation.model.segment_model import Segment
from assets.segmentation.primitives.extraction import extract
from assets.segmentation.reference.reference_model import reference_for
from assets.segmentation.text.languages import unread
from domain.errors import InputError, SetupError
from domain.primitives import BROAD
from resources.encoders.named_encoder import NamedEncoder

SAID = {
    "en": "You will work with our team and care for the patients of this hospital.",
    "de": "Wir suchen eine Pflegekraft, die mit unserem Team auf der Station arbeitet.",
    "fr": "Nous recherchons une infirmière pour notre équipe dans un hôpital de la ville.",
    "es": "Buscamos una enfermera para nuestro equipo con experiencia en el hospital.",
    "it": "Cerchiamo un infermiere per il nostro gruppo che lavora con noi nella clinica.",
    "pt": "Procuramos uma enfermeira para a nossa equipa, com experiência em hospital.",
    "nl": "Wij zoeken een verpleegkundige voor ons team dat met jou in het ziekenhuis werkt.",
    "pl": "Poszukujemy pielęgniarki do naszej kliniki, która będzie pracować w zespole.",
    "sv": "Vi söker dig som är sjuksköterska och vill arbeta med oss på ett sjukhus.",
    "other": "Vi søger en sygeplejerske, som ikke er bange for at arbejde og tage ansvar.",
}


@pytest.mark.parametrize("language", SAID)
def test_a_sentence_tells_its_language(taxonomy, language):
    """The nine of the policy's words; Danish, which is like Swedish, is another."""
    assert taxonomy.languages.detect(SAID[language]) == language


@pytest.mark.parametrize(
    "text",
    [
        "Vi søker en sykepleier som har lyst til å jobbe med oss på et sykehus.",
        "Etsimme sairaanhoitajaa, jolla on kokemusta työstä sairaalassa.",
        "Hledáme zdravotní sestru do naší nemocnice, nástup možný ihned.",
        "Căutăm o asistentă medicală pentru echipa noastră din spital.",
        "Ápolót keresünk kórházunkba, aki szívesen dolgozik csapatban.",
        "Cerquem una infermera amb experiència per al nostre hospital.",
        "Hastanemiz için deneyimli ve ekip çalışmasına yatkın hemşire arıyoruz.",
    ],
)
def test_a_neighbour_of_the_nine_is_other(taxonomy, text):
    """Norwegian, Finnish, Czech, Romanian, Hungarian, Catalan, Turkish."""
    assert taxonomy.languages.detect(text) == "other"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("", ""),
        ("Chef", ""),
        ("Python, SQL, Docker, Kubernetes, Linux", ""),
        ("12/7/2022 12:27:42, $1,500", ""),
        ("ممرضة رعاية المرضى", "other"),
        ("медсестра в больницу", "other"),
        ("看護師を募集しています。経験者歓迎", "other"),
    ],
)
def test_too_little_is_not_told_and_another_script_is_other(taxonomy, text, language):
    """A list of names has no language; a script that no known language writes is told at once."""
    assert taxonomy.languages.detect(text) == language


def test_an_unread_language_goes_to_broad_and_says_so(taxonomy):
    """However near its segment seems, since the vector of an unread text means nothing."""
    why = unread("sv", SegmentationConfig().languages, taxonomy.languages.labels)
    near = [((Segment("seg-a", 0, 0.9, Profile(0, 9, ("vård",), (), ()), ()), 0.9),)]
    own = extract("Kock", SAID["sv"], "", taxonomy, "sv")
    found = arms(own, "Kock", SAID["sv"], near, taxonomy, SegmentationConfig(), why)
    assert [(a.arm, a.reason) for a in found] == [(BROAD, "language sv: the encoder reads English")]


def test_a_multilingual_encoder_reads_what_its_setting_says(taxonomy):
    """Its languages must be said, and then they pass."""
    with pytest.raises(InputError, match="encoder_reads"):
        SegmentationConfig.from_mapping({"encoder": "a/multilingual-model"})
    config = SegmentationConfig.from_mapping({"encoder": "a/model", "encoder_reads": "en, sv"})
    assert unread("sv", config.languages, taxonomy.languages.labels) == ""
    assert "English, Swedish" in unread("de", config.languages, taxonomy.languages.labels)
    assert unread("de", ("all",), taxonomy.languages.labels) == ""


def test_an_encoder_that_is_not_here_says_how_to_get_it(tmp_path, monkeypatch):
    """Nothing is downloaded; and the reference model is not compared with another's vectors."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(SetupError, match="neither a folder nor in the Hugging Face cache"):
        _ = NamedEncoder("nobody/has-this").model_id
    with pytest.raises(SetupError, match="reference model"):
        reference_for("nobody/has-this")()


def test_of_another_language_only_names_are_read(taxonomy):
    """English words that mean something else there are no skills or industries of the ad."""
    found = extract(
        "Utvecklare", "Vi bygger med Python i Norrland och tar legal hand", "", taxonomy, "sv"
    )
    assert [p.label for p in found.skills_keywords] == ["Python"]
    assert found.industries == ()
