import itertools
import math

import pytest

from itertl_eval.results._pass_at_k import mean_and_error, pass_at_k, report_ks, v2_percent


@pytest.mark.parametrize(("n", "c"), [(5, 2), (6, 0), (6, 6), (7, 1)])
def test_equals_counting_every_subset(n, c):
    outcomes = [1] * c + [0] * (n - c)
    for k in range(1, n + 1):
        subsets = list(itertools.combinations(outcomes, k))
        expected = sum(any(subset) for subset in subsets) / len(subsets)
        assert pass_at_k(n, c, k) == pytest.approx(expected, abs=1e-12)


def test_five_of_twenty_as_published_harnesses_print_it():
    values = [pass_at_k(20, 5, k) for k in (1, 5, 10)]
    assert values == pytest.approx([0.25, 0.8063, 0.9837], abs=5e-5)


@pytest.mark.parametrize(("n", "c", "k"), [(5, 6, 1), (5, -1, 1), (5, 1, 6), (5, 1, 0)])
def test_refuses_what_cannot_be_estimated(n, c, k):
    with pytest.raises(ValueError, match=f"pass@{k}"):
        pass_at_k(n, c, k)


@pytest.mark.parametrize(("n", "c", "percent"), [(3, 2, 66), (20, 20, 100), (50, 29, 57)])
def test_percent_as_v2_reports_it(n, c, percent):
    assert v2_percent(n, c) == percent


def test_error_is_that_of_the_mean():
    mean, error = mean_and_error([0.0, 1.0, 1.0, 0.0])
    assert mean == 0.5
    assert error == pytest.approx(math.sqrt(1 / 3 / 4))
    assert math.isnan(mean_and_error([1.0])[1])
    assert math.isnan(mean_and_error([])[0])


def test_reported_k():
    assert report_ks(1) == [1]
    assert report_ks(7) == [1, 5, 7]
    assert report_ks(20) == [1, 5, 10, 20]
    assert report_ks(0) == []
