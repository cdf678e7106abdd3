//! When a grant exists: a boolean formula over conditions, compared by truth table. Knows no template: an atom is
//! any text that stands for something true or false.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// Most atoms that are compared; above that the answer is "unknown", so that the table stays at 4,096 rows.
pub const MAX_ATOMS: usize = 12;

/// A boolean formula over named conditions. Equality is textual; use [`Presence::implies`] to compare meanings.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Presence {
    /// Always there.
    Always,
    /// Never there.
    Never,
    /// There when the named thing holds.
    Atom(Arc<str>),
    /// There when the formula does not hold.
    Not(Box<Self>),
    /// There when all hold.
    And(Vec<Self>),
    /// There when one holds.
    Or(Vec<Self>),
}

impl Presence {
    /// An atom.
    pub fn atom(name: impl Into<Arc<str>>) -> Self {
        Self::Atom(name.into())
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Always, p) | (p, Self::Always) => p,
            (Self::Never, _) | (_, Self::Never) => Self::Never,
            (a, b) if a == b => a,
            (Self::And(all), Self::And(more)) => Self::And(joined(all, more)),
            (Self::And(all), p) | (p, Self::And(all)) => Self::And(joined(all, vec![p])),
            (a, b) => Self::And(vec![a, b]),
        }
    }

    /// One or the other.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Always, _) | (_, Self::Always) => Self::Always,
            (Self::Never, p) | (p, Self::Never) => p,
            (a, b) if a == b => a,
            // One list and no tower, whose height a template would decide.
            (Self::Or(all), Self::Or(more)) => Self::Or(joined(all, more)),
            (Self::Or(all), p) => Self::Or(joined(all, vec![p])),
            (p, Self::Or(all)) => Self::Or(joined(vec![p], all)),
            (a, b) => Self::Or(vec![a, b]),
        }
    }

    /// The opposite.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Always => Self::Never,
            Self::Never => Self::Always,
            Self::Not(p) => *p,
            p => Self::Not(Box::new(p)),
        }
    }

    /// This, but not `other`; parts of `other` that hold wherever this does are left out.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        let rest = match other {
            Self::And(all) => {
                all.into_iter().filter(|part| self.implies(part) != Some(true)).fold(Self::Always, Self::and)
            }
            other => other,
        };
        self.and(rest.negated())
    }

    /// Whether wherever this holds `other` holds too; `None` when more than [`MAX_ATOMS`] atoms are involved.
    pub fn implies(&self, other: &Self) -> Option<bool> {
        if *other == Self::Always || *self == Self::Never || self == other {
            return Some(true);
        }
        let mut atoms = BTreeSet::new();
        self.collect(&mut atoms);
        other.collect(&mut atoms);
        if atoms.len() > MAX_ATOMS {
            return None;
        }
        let atoms: Vec<&str> = atoms.into_iter().collect();
        Some((0..1u32 << atoms.len()).all(|row| !self.holds(&atoms, row) || other.holds(&atoms, row)))
    }

    /// Whether both hold at the same times; `None` as in [`Presence::implies`].
    pub fn equivalent(&self, other: &Self) -> Option<bool> {
        Some(self.implies(other)? && other.implies(self)?)
    }

    /// Number of nodes of the formula.
    pub fn size(&self) -> usize {
        match self {
            Self::Always | Self::Never | Self::Atom(_) => 1,
            Self::Not(p) => 1 + p.size(),
            Self::And(all) | Self::Or(all) => 1 + all.iter().map(Self::size).sum::<usize>(),
        }
    }

    fn collect<'a>(&'a self, atoms: &mut BTreeSet<&'a str>) {
        match self {
            Self::Always | Self::Never => {}
            Self::Atom(name) => {
                atoms.insert(name);
            }
            Self::Not(p) => p.collect(atoms),
            Self::And(all) | Self::Or(all) => all.iter().for_each(|p| p.collect(atoms)),
        }
    }

    fn holds(&self, atoms: &[&str], row: u32) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Atom(name) => atoms.binary_search(&&**name).is_ok_and(|bit| row & (1 << bit) != 0),
            Self::Not(p) => !p.holds(atoms, row),
            Self::And(all) => all.iter().all(|p| p.holds(atoms, row)),
            Self::Or(all) => all.iter().any(|p| p.holds(atoms, row)),
        }
    }
}

/// A list with what it does not have yet of another.
fn joined(mut all: Vec<Presence>, more: Vec<Presence>) -> Vec<Presence> {
    for p in more {
        if !all.contains(&p) {
            all.push(p);
        }
    }
    all
}

impl fmt::Display for Presence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, all: &[Self], word: &str| {
            for (i, p) in all.iter().enumerate() {
                if i > 0 {
                    write!(f, " {word} ")?;
                }
                match p {
                    Self::And(_) | Self::Or(_) => write!(f, "({p})")?,
                    p => write!(f, "{p}")?,
                }
            }
            Ok(())
        };
        match self {
            Self::Always => f.write_str("always"),
            Self::Never => f.write_str("never"),
            Self::Atom(name) => f.write_str(name),
            Self::Not(p) => match p.as_ref() {
                Self::Atom(name) => write!(f, "not {name}"),
                p => write!(f, "not ({p})"),
            },
            Self::And(all) => list(f, all, "and"),
            Self::Or(all) => list(f, all, "or"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn atom(name: &str) -> Presence {
        Presence::atom(name)
    }

    #[test]
    fn meanings_are_compared_not_spellings() {
        let both = atom("A").and(atom("B"));
        assert_eq!(both.implies(&atom("A")), Some(true));
        assert_eq!(atom("A").implies(&both), Some(false));
        assert_eq!(both.equivalent(&atom("B").and(atom("A"))), Some(true));
        let either = atom("A").or(atom("A").negated());
        assert_eq!(Presence::Always.implies(&either), Some(true));
        let de_morgan = atom("A").negated().or(atom("B").negated()).negated();
        assert_eq!(de_morgan.equivalent(&both), Some(true));
    }

    #[test]
    fn alternatives_are_one_list_however_many() {
        let all = (0..100_000).map(|i| atom(&format!("C{}", i % 300))).fold(Presence::Never, Presence::or);
        assert_eq!(all.size(), 301);
        assert_eq!(atom("A").or(atom("B").or(atom("A"))).to_string(), "A or B");
    }

    #[test]
    fn rows_in_which_nothing_holds_count() {
        let neither = atom("A").negated().and(atom("B").negated());
        assert_eq!(neither.implies(&Presence::Never), Some(false));
    }

    #[test]
    fn what_is_said_twice_is_kept_once() {
        let (a, b, c) = (atom("A"), atom("B"), atom("C"));
        let all = a.clone().and(b.clone()).and(b.clone().and(c));
        assert_eq!(all.to_string(), "A and B and C");
        assert_eq!(a.clone().or(a.clone()), a);
        assert_eq!(a.and(b).negated().size(), 4);
    }

    #[test]
    fn too_many_atoms_are_unknown() {
        let wide =
            |atoms: usize| (0..atoms).map(|i| atom(&format!("C{i}"))).fold(Presence::Always, Presence::and);
        assert_eq!(atom("C0").implies(&wide(MAX_ATOMS)), Some(false));
        let wide = wide(MAX_ATOMS + 1);
        assert_eq!(atom("C0").implies(&wide), None);
        assert_eq!(wide.implies(&Presence::Always), Some(true));
        assert_eq!(wide.implies(&wide.clone()), Some(true));
        assert_eq!(Presence::Never.implies(&wide), Some(true));
    }
}
