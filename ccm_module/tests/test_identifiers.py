"""The numbers that a claim stands on: what is a possible NPI, a possible Medicare number."""

import doctest

from odoo.tests import BaseCase

from ..billing import identifiers
from ..billing.identifiers import mbi_is_valid, normalize, npi_is_valid


class TestNpi(BaseCase):
    def test_the_example_that_cms_publishes(self):
        self.assertTrue(npi_is_valid("1234567893"))

    def test_every_wrong_last_digit_is_found(self):
        for digit in "012456789":
            self.assertFalse(npi_is_valid("123456789" + digit), digit)

    def test_every_single_mistyped_digit_is_found(self):
        npi = "1234567893"
        for place in range(10):
            for digit in "0123456789":
                typed = npi[:place] + digit + npi[place + 1 :]
                self.assertEqual(npi_is_valid(typed), typed == npi, typed)

    def test_neighbours_that_changed_places_are_found(self):
        npi = "1234567893"
        for place in range(9):
            typed = npi[:place] + npi[place + 1] + npi[place] + npi[place + 2 :]
            self.assertFalse(npi_is_valid(typed), typed)

    def test_the_length_is_ten(self):
        self.assertFalse(npi_is_valid("123456789"))
        self.assertFalse(npi_is_valid("12345678930"))
        # right as a card issuer number, but not an NPI
        self.assertFalse(npi_is_valid("808401234567893"))

    def test_digits_of_other_scripts_are_none(self):
        self.assertFalse(npi_is_valid("١٢٣٤٥٦٧٨٩٣"))

    def test_blanks_and_dashes_do_not_matter(self):
        self.assertTrue(npi_is_valid(" 123-456-7893 "))

    def test_nothing_is_no_number(self):
        for nothing in ("", "   ", None, False):
            self.assertFalse(npi_is_valid(nothing))
            self.assertFalse(mbi_is_valid(nothing))


class TestMbi(BaseCase):
    def test_the_examples_that_cms_publishes(self):
        self.assertTrue(mbi_is_valid("1EG4-TE5-MK73"))
        self.assertTrue(mbi_is_valid("1EG4-TE5-MK72"))

    def test_the_six_letters_left_out_are_nowhere_valid(self):
        for letter in "SLOIBZ":
            for place in (1, 2, 4, 5, 7, 8):
                mbi = "1EG4TE5MK73"
                self.assertFalse(mbi_is_valid(mbi[:place] + letter + mbi[place + 1 :]))

    def test_each_place_takes_its_own_kind_only(self):
        kinds = "CABNABNAANN"  # C: 1-9, A: letter, B: digit or letter, N: digit
        samples = {"C": "19", "N": "019", "A": "AY", "B": "019AY"}
        for place, kind in enumerate(kinds):
            for char in "019AY":
                mbi = "1EG4TE5MK73"
                typed = mbi[:place] + char + mbi[place + 1 :]
                self.assertEqual(mbi_is_valid(typed), char in samples[kind], typed)

    def test_old_numbers_made_of_the_social_security_number_are_refused(self):
        self.assertFalse(mbi_is_valid("123-45-6789A"))

    def test_as_files_carry_it(self):
        self.assertEqual(normalize("1eg4-te5-mk73 "), "1EG4TE5MK73")


class TestExamples(BaseCase):
    def test_the_examples_in_the_docstrings(self):
        self.assertEqual(doctest.testmod(identifiers).failed, 0)
        self.assertGreater(doctest.testmod(identifiers).attempted, 5)
