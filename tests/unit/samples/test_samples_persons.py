"""Invented persons: valid identity numbers that belong to nobody, each given out once."""

from pipelines.samples.persons import check_digit, person
from pipelines.samples.reference import counties, divisions


def test_check_digit_of_the_standards_example() -> None:
    assert check_digit("11010519491231002") == "X"  # GB 11643-1999, annex


def test_numbers_are_valid_and_belong_to_no_division() -> None:
    assert not any(division.code.startswith(("98", "99")) for division in divisions())
    for number in (0, 1, 517, 998, 2003, 4711):
        someone = person("511702", number)
        assert len(someone.id) == 18
        assert someone.id[:2] == "99"
        assert someone.id[6:14] == f"{someone.birth:%Y%m%d}"
        assert someone.id[17] == check_digit(someone.id[:17])
        assert (int(someone.id[16]) % 2 == 1) == (someone.sex == "男")


def test_no_number_is_given_twice() -> None:
    numbers = [*range(700), *range(2000, 2700), *range(4000, 4700)]
    ids = [person(county, number).id for county in counties() for number in numbers]
    assert len(set(ids)) == len(ids)
