"""The contenders of `vafa bench codec`, one by one under pytest-benchmark."""

from typing import TYPE_CHECKING

import pytest

from tools.bench.codec import contenders

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

CONTENDERS = contenders()


@pytest.mark.benchmark(group="codec: decode a request, build its reply")
@pytest.mark.parametrize("name", CONTENDERS)
def test_codec(benchmark: "BenchmarkFixture", name: str) -> None:
    contender = CONTENDERS[name]
    benchmark.extra_info["messages"] = contender.units
    benchmark(contender.call)
