"""The contenders of `vafa bench rules`, one by one under pytest-benchmark."""

from typing import TYPE_CHECKING

import pytest

from tools.bench.rules import SIZES, compile_ms, contenders, ready_ms

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

CONTENDERS = {name: contender for size in SIZES for name, contender in contenders(size).items()}


@pytest.mark.benchmark(group="rules: decide a purchase")
@pytest.mark.parametrize("name", CONTENDERS)
def test_rules(benchmark: "BenchmarkFixture", name: str) -> None:
    benchmark(CONTENDERS[name].call)


@pytest.mark.benchmark(group="rules: compile")
def test_compile(benchmark: "BenchmarkFixture") -> None:
    benchmark.pedantic(compile_ms, args=(1,), rounds=3)  # type: ignore[no-untyped-call]


@pytest.mark.benchmark(group="rules: first decision of a table")
def test_ready(benchmark: "BenchmarkFixture") -> None:
    benchmark.pedantic(ready_ms, args=(1,), rounds=1)  # type: ignore[no-untyped-call]
