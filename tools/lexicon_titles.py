"""Titles of occupations, each with its likeliest O*NET-SOC and ISCO-08 code."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import polars as pl

from assets.segmentation.text.phrases import stem_key

OWN, REPORTED, ALTERNATE = 8, 3, 1  # how much more an occupation's own title says than another's
LONGEST = 8  # words
TO_ONET, TO_ISCO = 0.0, 3.0
"""Alternative titles that the other side's codes of the same title weigh as much as: O*NET has ten
times ESCO's titles, so what ESCO says counts only where O*NET has no such title."""
PIECE = 0
"""Weight of a piece of a title, which counts only where nobody gives the whole of it."""
ENDING_TITLES = 5
"""Titles with which a word or two must end before we ask what such titles are."""
ENOUGH = 0.5
"""Share of the titles that an ISCO group must hold; else its wider group is taken."""

Votes = Mapping[str, Counter[str]]


def titles(corpus: Path) -> pl.DataFrame:
    """(key, ending, onet, onet_share, isco, isco_share): a whole title's key, or the key of the
    words with which titles end; shares in [0, 1], codes "" where nothing speaks for one."""
    onet, isco = _votes(_onet(corpus)), _votes(_esco(corpus))
    onet_of, isco_of = _bridge(isco, onet), _bridge(onet, isco)
    rows = []
    whole = sorted({*onet, *isco})
    for key in whole:
        rows.append((key, False, *_codes(key, onet, isco, onet_of, isco_of)))
    ends_onet, ends_isco = _endings(onet), _endings(isco)
    for key in sorted({*ends_onet, *ends_isco}):
        rows.append((key, True, *_codes(key, ends_onet, ends_isco, onet_of, isco_of)))
    return pl.DataFrame(
        rows,
        schema={
            "key": pl.String,
            "ending": pl.Boolean,
            "onet": pl.Categorical,
            "onet_share": pl.Float32,
            "isco": pl.Categorical,
            "isco_share": pl.Float32,
        },
        orient="row",
    )


def _onet(corpus: Path) -> Iterator[tuple[str, str, int]]:
    """(title, code, weight) of O*NET."""
    for name, column, weight in (
        ("onet_occupations", "title", OWN),
        ("onet_reported_titles", "reported_job_title", REPORTED),
        ("onet_alternate_titles", "alternate_title", ALTERNATE),
    ):
        frame = pl.read_parquet(corpus / f"{name}.parquet").select(column, "onet_soc_code")
        for title, code in frame.iter_rows():
            yield title, code, weight
            # "Human Resources Specialist (HR Specialist)" are two titles.
            before, bracket, within = title.partition("(")
            if bracket:
                yield before, code, PIECE
                yield within.rstrip(") "), code, PIECE
            yield title.partition(",")[0], code, PIECE


def _esco(corpus: Path) -> Iterator[tuple[str, str, int]]:
    """(title, ISCO-08 unit group, weight) of ESCO."""
    frame = pl.read_parquet(corpus / "esco_occupations.parquet")
    for code, label, also in frame.select("isco_group", "preferred_label", "alt_labels").rows():
        yield label, code, OWN
        for title in (also or "").split(" | "):
            yield title, code, ALTERNATE


def _votes(rows: Iterable[tuple[str, str, int]]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    pieces: dict[str, Counter[str]] = defaultdict(Counter)
    for title, code, weight in rows:
        for form in _numbers(title):
            key = stem_key(form)
            if key and key.count(" ") < LONGEST:
                (found if weight else pieces)[key][code] += weight or 1
    return {**pieces, **found}


def _numbers(title: str) -> list[str]:
    """A plural title of an occupation ("Cooks, Restaurant") also turned round."""
    first, comma, rest = title.partition(", ")
    turned = comma and rest.count(" ") < 2 and not rest.startswith(("Except", "All "))
    return [title, f"{rest} {first}"] if turned else [title]


def _bridge(known: Votes, wanted: Votes) -> dict[str, Counter[str]]:
    """For each code of `known`, how often its titles have each code of `wanted`."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for key in known.keys() & wanted.keys():
        code, other = _best(known[key])[0], _best(wanted[key])[0]
        found[code][other] += 1
    return dict(found)


def _endings(votes: Votes) -> dict[str, Counter[str]]:
    """What the titles are that end with one or two words; a title speaks once."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for key, codes in votes.items():
        words = key.split()
        for n in (1, 2):
            if len(words) > n:
                found[" ".join(words[-n:])][_best(codes)[0]] += 1
    return {key: codes for key, codes in found.items() if codes.total() >= ENDING_TITLES}


def _codes(
    key: str, onet: Votes, isco: Votes, onet_of: Votes, isco_of: Votes
) -> tuple[str, float, str, float]:
    """Each side's own titles speak, and the other side's through the bridge: one alternative title
    that somebody noted is outvoted by what its occupation mostly is on the other side."""
    soc, soc_share = _best(_joined(key, onet, isco, onet_of, TO_ONET))
    group, group_share = _widened(_joined(key, isco, onet, isco_of, TO_ISCO))
    return soc, round(soc_share, 3), group, round(group_share, 3)


def _joined(key: str, own: Votes, others: Votes, bridge: Votes, weight: float) -> Counter[str]:
    votes: Counter[str] = Counter(own.get(key, {}))
    theirs = others.get(key, Counter())
    weight = weight if votes else 1.0
    for code, n in theirs.items():
        across = bridge.get(code, Counter())
        for mine, m in across.items():
            votes[mine] += weight * n / theirs.total() * m / across.total()  # type: ignore
    return votes


def _best(codes: Counter[str]) -> tuple[str, float]:
    """The code with most votes and its share; of equals the first, which is the wider one."""
    if not codes:
        return "", 0.0
    code = min(codes, key=lambda c: (-codes[c], not c.endswith(".00"), c))
    return code, codes[code] / codes.total()


def _widened(codes: Counter[str]) -> tuple[str, float]:
    """The narrowest ISCO group, of four digits to one, that holds enough of the votes."""
    for digits in (4, 3, 2, 1):
        wide: Counter[str] = Counter()
        for code, votes in codes.items():
            wide[code[:digits]] += votes
        code, share = _best(wide)
        if share >= ENOUGH:
            return code, share
    return "", 0.0
