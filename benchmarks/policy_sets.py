"""Generated primitive sets, half of them hostile: does the second checker fault a payload?"""

import random
from collections import Counter
from datetime import date
from functools import cache

from assets.publishing.policy import Policy
from assets.publishing.policy.files import load_policy
from benchmarks.policy_cases import phrases
from domain.errors import JobadsError, PolicyRefusal
from domain.platform import Network
from jobads.offline import Offline

COUNTRIES = ("US", "CA", "DE", "FR", "GB", "SE", "IN", "BR")
DATES = (date(2026, 1, 15), date(2026, 11, 24), date(2027, 12, 15))
PLACES = {
    "US": ("geo:4671654", "Austin"),
    "CA": ("geo:6167865", "Toronto"),
    "DE": ("geo:2950159", "Berlin"),
    "FR": ("geo:2988507", "Paris"),
    "GB": ("geo:2643743", "London"),
    "SE": ("geo:2673730", "Stockholm"),
    "IN": ("geo:1275339", "Mumbai"),
    "BR": ("geo:3448439", "São Paulo"),
}

FACTS = ("industries", "skills_keywords")
FIELDS = (
    "age",
    "gender",
    "postcode",
    "religion",
    "nationality",
    "lookalike",
    "excluded_locations",
    "behaviors",
    "radius_km",
    "zzz",
    "interests",
    "negative_keywords",
    "$lookup",
    "campaign",
)
SAID = (
    "Python",
    "Nursing",
    "Forklift driving",
    "Health care",
    "Information technology",
    "Welding",
    "C++",
    "Excel",
    "Black box testing",
    "Women's health",
    "Family law",
    "React Native",
    "recent graduates",
    "young professionals",
    "native english speaker",
    "men only",
    "90210",
    "10115 Berlin",
    "SW1A 1AA",
    "M5V 2T6",
    "muslim",
    "hispanic",
    "retirees",
    "wheelchair users",
    "sorority",
    "Ivy League graduates",
    "veterans",
    "single mothers",
    "unmarried",
    "lgbtq",
    "union members",
    "y\u200boung professionals",
    "уoung team",
    "ＭＥＮ ＯＮＬＹ",
    "able-bodied",
    "age_min",
    '{"$id": "x"}',
    "<script>",
    "a" * 90,
    "word " * 12,
    "",
    "🎉",
    "بحث",
    "多様",
    "\u202eabc",
    "millennials",
    "caucasian",
    "housewives",
    "jeune diplômé",
    "junges Team",
    "nur Frauen",
)
TITLES = (
    "Registered Nurse",
    "Software Engineer (m/w/d)",
    "Truck Driver",
    "Koch",
    "Infirmière",
    "Senior Accountant – Remote",
    "Youth Services Librarian",
    "Salesperson",
)
SHORTS = (
    "Care for patients.",
    "Build data pipelines. Salary $80,000 per year. Equal opportunity.",
    "Work with young people and families in Berlin.",
    "x" * 279,
    "Teach. " * 30,
)


@cache
def _phrases(side: str) -> tuple[str, ...]:
    return tuple(phrases(side))


def _said(chance: random.Random) -> str:
    """A label: of the work, or of people by a trait, in any language and disguise."""
    lot = chance.random()
    if lot < 0.1:
        return chance.choice(_phrases("illegal"))
    return chance.choice(_phrases("keywords") if lot < 0.2 else SAID)


def _shown(chance: random.Random, ordinary: tuple[str, ...]) -> str:
    """A text of the ad: a fifth shuts people out, a tenth is lawful and looks as if it did."""
    lot = chance.random()
    if lot < 0.2:
        return chance.choice(_phrases("illegal"))
    return chance.choice(_phrases("legal") if lot < 0.3 else ordinary)


def generated(chance: random.Random) -> tuple[Network, str, date, dict]:
    """One point of the grid with random facts, half of them hostile."""
    country, network = chance.choice(COUNTRIES), chance.choice(list(Network))

    def fact(label: str, id_: str = "") -> dict:
        inferred = chance.random() < 0.3 and not id_
        evidence = [] if inferred else [{"field": "title", "start": 0, "end": 1, "text": label}]
        return {
            "id": id_ or f"x:{label[:9]}",
            "label": label,
            "score": 0.5,
            "source": "inferred" if inferred else "text",
            "evidence": evidence,
        }

    primitives: dict = {
        name: [fact(_said(chance)) for _ in range(chance.randrange(5))] for name in FACTS
    }
    spot = PLACES[chance.choice((country, country, chance.choice(COUNTRIES)))]
    kinds = [
        spot,
        ("remote", "Remote"),
        (f"country:{country}", country),
        ("geo:4736286", "Texas"),
        ("zip:78701", "78701"),
        ("neighborhood:1", "Soho"),
        ("geo:0", "Nowhere"),
    ]
    primitives["locations"] = [
        fact(label, id_) for id_, label in chance.sample(kinds, chance.randrange(4))
    ]
    for place in primitives["locations"]:
        if chance.random() < 0.2:
            place["radius_km"] = 1
    level = chance.choice(("", "Senior", "Entry level", "young", "Internship"))
    primitives["seniority"] = fact(level, "level:x") if level else {}
    for name in chance.sample(FIELDS, chance.randrange(3)):
        primitives[name] = chance.choice(([18, 25], "female", {"min": 20}, ["78701"]))
    job = {
        "title": chance.choice(TITLES),
        "description_short": _shown(chance, SHORTS),
        "target_url": "https://jobs.example/1",
        "budget_daily": chance.choice((100, 2500, 99999)),
        "location": spot[1],
        "schedule_start": "2026-12-01T09:00:00+00:00",
        "dsa_payer": "Acme",
        "dsa_beneficiary": "Acme",
    }
    return network, country, chance.choice(DATES), {"job": job, "primitives": primitives}


ALLOWED = {s.casefold(): str(6_003_000_000 + i) for i, s in enumerate(SAID)}


def faults(count: int, seed: int, policy: Policy | None = None) -> tuple[Counter, list[str]]:
    """How many of `count` generated sets became payloads, refusals and faults, each also by
    network, and what became of the facts; and the first faults in words."""
    policy, chance = policy or load_policy(), random.Random(seed)
    counts: Counter = Counter()
    shown: list[str] = []
    for _ in range(count):
        network, country, on, given = generated(chance)
        run = Offline(network, (country,), on, policy, ALLOWED)
        try:
            made = run.compiled(given)
        except JobadsError:
            counts.update(("refused", f"{network} refused"))
            continue
        counts.update(("payloads", f"{network} payloads"))
        counts.update(f"{network} facts: {line['fate']}" for line in made["proof"])
        try:
            run.check(made["payload"])
        except PolicyRefusal as error:
            counts.update(("faults", f"{network} faults"))
            shown.append(f"{network} {country} {on}: {error}")
    return counts, shown[:20]
