"""What a reader answers: the good rows, and where and why the others are not."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T", covariant=True)


@dataclass(frozen=True, slots=True)
class Fault:
    """`line` is the line of the file where the row starts (the row's number in Parquet); `field`
    is empty when the whole row is at fault."""

    line: int
    field: str
    rule: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.field + ': ' if self.field else ''}{self.rule}"


@dataclass(frozen=True, slots=True)
class Rows(Generic[T]):
    """`warnings` belong to rows that are good all the same."""

    good: tuple[T, ...]
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
