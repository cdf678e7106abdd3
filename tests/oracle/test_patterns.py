"""Wildcard cover, and the truth tables of conditions."""

import itertools
import unittest
from fnmatch import fnmatchcase

from cover import covers, tidy
from presence import MAX_ATOMS, TooManyConditions, Worlds


class Cover(unittest.TestCase):
    def test_cover_is_sound_and_knows_every_plain_text(self):
        letters = ["a", "b", "*", "?"]
        patterns = [tidy(p) for size in range(4) for p in itertools.product(letters, repeat=size)]
        texts = [t for size in range(5) for t in itertools.product("ab", repeat=size)]
        matched = {p: {t for t in texts if fnmatchcase("".join(t), "".join(p))} for p in patterns}
        for wide, narrow in itertools.product(set(patterns), repeat=2):
            if covers(wide, narrow):
                self.assertLessEqual(matched[narrow], matched[wide], (wide, narrow))
            elif "*" not in narrow and "?" not in narrow:
                self.assertNotIn(narrow, matched[wide], (wide, narrow))

    def test_a_token_may_be_empty_or_long(self):
        token = ("${T}",)
        self.assertTrue(covers(("a", "*"), ("a", *token)))
        self.assertTrue(covers(("*", *token, "*"), ("a", *token, "b")))
        self.assertFalse(covers(("a", "?"), ("a", *token)))
        self.assertFalse(covers(("a", "?", "*"), ("a", *token)))
        self.assertFalse(covers(token, ("${U}",)))


class Tables(unittest.TestCase):
    CONDITIONS = {
        "A": {"Fn::Equals": [{"Ref": "P"}, "a"]},
        "SameAsA": {"Fn::Equals": ["a", {"Ref": "P"}]},
        "B": {"Fn::Equals": [{"Ref": "Q"}, "b"]},
        "Both": {"Fn::And": [{"Condition": "A"}, {"Condition": "B"}]},
        "Either": {"Fn::Or": [{"Condition": "A"}, {"Condition": "B"}]},
        "Neither": {"Fn::Not": [{"Condition": "Either"}]},
        "Circle": {"Fn::Not": [{"Condition": "Circle"}]},
    }

    def test_named_conditions_meet_in_their_leaves(self):
        worlds = Worlds({"Conditions": self.CONDITIONS})
        held = {name: worlds.named(self.CONDITIONS, name) for name in self.CONDITIONS}
        self.assertEqual(4, worlds.always.bit_length())
        self.assertEqual(held["A"], held["SameAsA"])
        self.assertEqual(held["A"] & held["B"], held["Both"])
        self.assertEqual(held["A"] | held["B"], held["Either"])
        self.assertEqual(worlds.always, held["Neither"] ^ held["Either"])
        self.assertEqual(worlds.always & ~held["A"] & held["B"], worlds.formula(self.CONDITIONS, "not A and B"))
        self.assertIsNone(worlds.formula(self.CONDITIONS, "A and"))
        self.assertIsNone(worlds.formula(self.CONDITIONS, "A B"))

    def test_a_table_has_a_limit(self):
        many = {f"C{i}": {"Fn::Equals": [{"Ref": f"P{i}"}, "x"]} for i in range(MAX_ATOMS + 1)}
        with self.assertRaises(TooManyConditions):
            Worlds({"Conditions": many})

    def test_words_name_what_matters(self):
        worlds = Worlds({"Conditions": self.CONDITIONS})
        self.assertEqual("always", worlds.describe(worlds.always))
        self.assertEqual("never", worlds.describe(0))
        self.assertEqual("for example not B", worlds.describe(worlds.formula(self.CONDITIONS, "not B")))
        self.assertEqual("for example A and B", worlds.describe(worlds.named(self.CONDITIONS, "Both")))


if __name__ == "__main__":
    unittest.main()
