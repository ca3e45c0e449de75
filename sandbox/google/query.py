"""The Google Ads Query Language, as far as one resource, its parents and conditions go."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from sandbox.google.errors import Refusal, problem

OPERATORS = (
    "=",
    "!=",
    ">",
    ">=",
    "<",
    "<=",
    "IN",
    "NOT IN",
    "LIKE",
    "NOT LIKE",
    "CONTAINS ANY",
    "CONTAINS ALL",
    "CONTAINS NONE",
    "IS NULL",
    "IS NOT NULL",
    "DURING",
    "BETWEEN",
)
_TOKEN = re.compile(
    r"""\s*(?:(?P<string>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?)"""
    r"""|(?P<word>[A-Za-z_][\w.]*)|(?P<symbol>!=|>=|<=|[=<>(),])|(?P<open>['"])|(?P<bad>\S))"""
)
_ESCAPE = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as written: `quoted` for strings, not for numbers and words."""

    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Condition:
    field: str
    operator: str
    values: tuple[Literal, ...]


@dataclass(slots=True)
class Query:
    select: list[str]
    resource: str
    where: list[Condition] = field(default_factory=list)
    order: list[tuple[str, bool]] = field(default_factory=list)
    limit: int = 0


def refuse(name: str, message: str, trigger: str = "") -> Refusal:
    """A QueryError by its name."""
    return Refusal(problem("query_error", name, message, "query", trigger=trigger))


def parse(text: str) -> Query:
    """Refusal with a QueryError when `text` is no query.

    >>> query = parse("SELECT campaign.id FROM campaign WHERE campaign.status != 'REMOVED' LIMIT 5")
    >>> query.resource, query.where[0].operator, query.limit
    ('campaign', '!=', 5)
    """
    return _Parser(text).query()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0

    def query(self) -> Query:
        if not self._take_word("SELECT"):
            raise refuse("EXPECTED_SELECT", "A query starts with SELECT.")
        select = self._names()
        if not self._take_word("FROM"):
            raise refuse("EXPECTED_FROM", "FROM is missing.", self._peek())
        query = Query(select, self._name())
        if self._take_word("WHERE"):
            query.where.append(self._condition())
            while self._take_word("AND"):
                query.where.append(self._condition())
        if self._take_word("ORDER"):
            if not self._take_word("BY"):
                raise refuse("EXPECTED_BY", "ORDER stands without BY.", self._peek())
            query.order = self._orderings()
        if self._take_word("LIMIT"):
            query.limit = self._limit()
        if self._take_word("PARAMETERS"):
            self._at = len(self._tokens)
        if self._at < len(self._tokens):
            raise refuse("UNEXPECTED_INPUT", f"'{self._peek()}' was not expected.", self._peek())
        return query

    def _names(self) -> list[str]:
        names = [self._name()]
        while self._take(","):
            names.append(self._name())
        return names

    def _orderings(self) -> list[tuple[str, bool]]:
        found = []
        while True:
            name = self._name()
            down = self._take_word("DESC")
            if not down:
                self._take_word("ASC")
            found.append((name, down))
            if not self._take(","):
                return found

    def _limit(self) -> int:
        kind, text = self._next()
        if kind != "number" or not text.isdigit():
            raise refuse("BAD_LIMIT_VALUE", "LIMIT takes a whole number.", text)
        if int(text) < 1:
            raise refuse("LIMIT_VALUE_TOO_LOW", "LIMIT is at least 1.", text)
        return int(text)

    def _condition(self) -> Condition:
        name, operator = self._name(), self._operator()
        if operator in ("IS NULL", "IS NOT NULL"):
            return Condition(name, operator, ())
        if operator == "BETWEEN":
            low = self._value()
            if not self._take_word("AND"):
                raise refuse("EXPECTED_AND", "BETWEEN takes two values.", self._peek())
            return Condition(name, operator, (low, self._value()))
        if operator in ("IN", "NOT IN") or operator.startswith("CONTAINS"):
            return Condition(name, operator, self._list())
        return Condition(name, operator, (self._value(),))

    def _operator(self) -> str:
        kind, text = self._next()
        if kind == "symbol" and text in OPERATORS:
            return text
        words = text.upper()
        while words not in OPERATORS and any(o.startswith(f"{words} ") for o in OPERATORS):
            words = f"{words} {self._next()[1].upper()}"
        if words == "IS" or words not in OPERATORS:
            raise refuse("BAD_OPERATOR", f"'{text}' is no operator.", text)
        return words

    def _list(self) -> tuple[Literal, ...]:
        if not self._take("("):
            raise refuse("EXPECTED_LIST", "A list in parentheses is expected.", self._peek())
        if self._take(")"):
            raise refuse("PROHIBITED_EMPTY_LIST_IN_CONDITION", "The list is empty.")
        values = [self._value()]
        while self._take(","):
            values.append(self._value())
        if not self._take(")"):
            raise refuse("UNEXPECTED_INPUT", "The list is not closed.", self._peek())
        return tuple(values)

    def _value(self) -> Literal:
        kind, text = self._next()
        if kind == "string":
            return Literal(_unquoted(text), True)
        if kind in ("number", "word"):
            return Literal(text, False)
        raise refuse("BAD_VALUE", f"'{text}' is no value.", text)

    def _name(self) -> str:
        kind, text = self._next()
        if kind != "word":
            raise refuse("BAD_FIELD_NAME", f"'{text}' is no name.", text)
        return text

    def _next(self) -> tuple[str, str]:
        if self._at == len(self._tokens):
            raise refuse("UNEXPECTED_END_OF_QUERY", "The query ends too early.")
        self._at += 1
        return self._tokens[self._at - 1]

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _take(self, symbol: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == ("symbol", symbol):
            self._at += 1
            return True
        return False

    def _take_word(self, word: str) -> bool:
        if self._at < len(self._tokens):
            kind, text = self._tokens[self._at]
            if kind == "word" and text.upper() == word:
                self._at += 1
                return True
        return False


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at, text = 0, text.rstrip().removesuffix(";").rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            return
        kind, at = match.lastgroup, match.end()
        if kind == "open":
            raise refuse("STRING_NOT_TERMINATED", "A string is not closed.", text[match.start() :])
        if kind == "bad":
            raise refuse("BAD_SYMBOL", f"'{match['bad']}' has no meaning here.", match["bad"])
        yield kind, match[kind]


def _unquoted(text: str) -> str:
    def plain(match: re.Match[str]) -> str:
        if match[1] not in "'\"\\":
            raise refuse("BAD_ESCAPE_SEQUENCE", f"\\{match[1]} is no escape.", match[0])
        return match[1]

    return _ESCAPE.sub(plain, text[1:-1])
