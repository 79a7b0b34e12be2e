"""Counting: types of requests, places of cells, the names of /status, sampling."""

import pytest

from protocol.dialect import ResponseCode, TransactionType
from switch.metrics.catalogue import Kind, Metric
from switch.metrics.histogram import bucket_of
from switch.metrics.labels import CODE_LABEL, TYPE_LABEL, RequestType, Step, request_type
from switch.metrics.store import OFFSETS, SAMPLED_GROUP_OF, SAMPLED_ONE_OF, Metrics


@pytest.mark.parametrize(
    ("mti", "processing_code", "kind"),
    [
        ("0200", "000000", RequestType.PURCHASE),
        ("0201", "009100", RequestType.PURCHASE),
        ("0100", "000000", RequestType.HOLD),
        ("0220", "000000", RequestType.ADVICE),
        ("0221", "000000", RequestType.ADVICE),
        ("0200", "200000", RequestType.RETURN),
        ("0220", "200000", RequestType.RETURN),
        ("0100", "310000", RequestType.BALANCES),
        ("0200", "999999", RequestType.OTHER),
        ("0200", None, RequestType.OTHER),
        ("0200", b"\x00", RequestType.OTHER),
        ("0300", None, RequestType.FILE_ACTION),
        ("0400", "000000", RequestType.REVERSAL),
        ("0500", None, RequestType.RECONCILIATION),
        ("0800", None, RequestType.NETWORK_MANAGEMENT),
        ("0600", "000000", RequestType.OTHER),
        ("", None, RequestType.OTHER),
    ],
)
def test_types_of_requests(mti: str, processing_code: object, kind: RequestType) -> None:
    assert request_type(mti, processing_code) is kind


@pytest.mark.parametrize("kind", TransactionType)
def test_every_transaction_type_has_its_own(kind: TransactionType) -> None:
    assert request_type("0200", kind.value + "0000").name == kind.name


def test_every_pair_has_its_own_cell() -> None:
    metrics = Metrics()
    processing = {RequestType[kind.name]: ("0200", kind.value + "0000") for kind in TransactionType}
    processing |= {RequestType.REVERSAL: ("0400", "000000"), RequestType.FILE_ACTION: ("0300", "")}
    count = 0
    expected = {}
    for kind, (mti, code) in processing.items():
        for response in (*ResponseCode, "ZZ"):
            count += 1
            for _ in range(count):
                metrics.answered(mti, code, response)
            expected[kind.name.lower(), "other" if response == "ZZ" else str(response)] = count
    assert metrics.answers() == expected


def test_cells_do_not_overlap() -> None:
    metrics = Metrics()
    names = [name for name in vars(Metrics) if name in metrics.totals() and name != "answers"]
    plain = [metric for metric in OFFSETS if metric is not Metric.ANSWERS]
    assert len(names) == len(plain)
    for number, name in enumerate(names, 1):
        setattr(metrics, name, number)
    assert {name: getattr(metrics, name) for name in names} == {
        name: number for number, name in enumerate(names, 1)
    }
    assert metrics.answers() == {}
    assert sorted(metrics.cells[OFFSETS[metric]] for metric in plain) == list(range(1, len(plain) + 1))
    assert len(metrics.cells) == len(plain) + len(TYPE_LABEL.values) * len(CODE_LABEL.values)


def test_totals() -> None:
    metrics = Metrics()
    for mti, processing_code, code in (
        ("0200", "000000", "00"),
        ("0220", "000000", "00"),
        ("0200", "000000", "51"),
        ("0100", "310000", "00"),
        ("0100", "310000", "14"),
        ("0400", "000000", "00"),
        ("0300", None, "00"),
        ("0800", None, "00"),
    ):
        metrics.answered(mti, processing_code, code)
    metrics.committed(2_000_000, 1_000_000, 4)
    totals = metrics.totals()
    names = ("approved", "declined", "inquiries", "reversals", "file_actions", "commits", "commit_us_total")
    assert [totals[name] for name in names] == [2, 2, 1, 1, 1, 1, 2000]


def test_one_of_many_is_sampled_and_counts_for_all() -> None:
    now_ns = [1_000_000]
    metrics = Metrics(lambda: now_ns[0])
    for _ in range(3 * SAMPLED_ONE_OF):
        started_ns = metrics.clock_ns() if metrics.samples_one() else 0
        now_ns[0] += 4000
        if started_ns:
            assert metrics.sampled(Step.DECIDE, started_ns) == started_ns + 4000
    histogram = metrics.steps[Step.DECIDE]
    assert (histogram.count, histogram.greatest) == (3 * SAMPLED_ONE_OF, 4000)


def test_groups_are_weighted_by_their_requests() -> None:
    metrics = Metrics()
    for _ in range(2 * SAMPLED_GROUP_OF):
        if metrics.samples_group():
            metrics.group_answered(700, 32)
    assert metrics.steps[Step.REQUEST].sparse() == {bucket_of(700): 2 * SAMPLED_GROUP_OF * 32}


def test_only_counters_are_stored() -> None:
    assert all(metric.value.kind is Kind.COUNTER for metric in Metric if metric.value.is_stored)
    assert all(label.values for metric in OFFSETS for label in metric.value.labels)
