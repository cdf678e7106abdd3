//! A rewrite before it is shown: which cells it takes, which connector it needs, and what it does to permissions. The
//! engine's own view; [`super::Rewrite`] is the public one.

use super::Phase;
use super::edge::Edge;
use crate::analysis::Analysis;
use crate::iam::Grant;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Where a new connector is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placing {
    /// In the `Connectors` attribute of its source.
    Embedded,
    /// As a resource of its own.
    Standalone,
}

/// The connector that a proposal needs.
#[derive(Debug, Clone)]
pub(super) enum Use {
    /// One that is there, by its number in the analysis.
    Existing {
        /// Its number.
        view: usize,
        /// Categories that it lacks.
        missing: Vec<String>,
    },
    /// A new one.
    New {
        /// Key below `Connectors`.
        key: String,
        /// Logical id after the transform.
        id: String,
        /// How it is written.
        form: Placing,
    },
}

/// The condition of a new connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ConditionUse {
    /// Its name.
    pub(super) name: String,
    /// Whether it must be declared.
    pub(super) new: bool,
    /// What it is made of: names of conditions and whether each must hold.
    pub(super) parts: Vec<(String, bool)>,
}

/// One possible rewrite.
#[derive(Debug, Clone)]
pub(super) struct Proposal {
    /// The grants it is about.
    pub(super) edge: Arc<Edge>,
    /// Categories that the connector has afterwards.
    pub(super) categories: Vec<String>,
    /// The cells that go.
    pub(super) gone: BTreeSet<usize>,
    /// What the connector grants, as far as it is new.
    pub(super) grants: Vec<Grant>,
    /// The connector.
    pub(super) connector: Use,
    /// Its condition.
    pub(super) condition: Option<ConditionUse>,
    /// Position of the resource that goes and whose logical id the resource of the connector takes.
    pub(super) in_place: Option<usize>,
}

impl Proposal {
    /// The cells that go in a phase. What is replaced in place goes with the connector, since both have one id.
    pub(super) fn gone_in(&self, phase: Phase) -> &BTreeSet<usize> {
        const NONE: &BTreeSet<usize> = &BTreeSet::new();
        if phase == Phase::Add && self.in_place.is_none() { NONE } else { &self.gone }
    }

    /// Whether it changes anything in a phase: where all of its connector is there, nothing is left to add.
    pub(super) fn is_work(&self, phase: Phase) -> bool {
        let there = matches!(&self.connector, Use::Existing { missing, .. } if missing.is_empty());
        phase != Phase::Add || !there
    }

    /// The logical id of its connector.
    pub(super) fn connector_id<'p>(&'p self, analysis: &'p Analysis) -> &'p str {
        match &self.connector {
            Use::New { id, .. } => id,
            Use::Existing { view, .. } => &analysis.connectors[*view].connector.id,
        }
    }

    /// The number of resources that its connector generates anew.
    pub(super) fn generates(&self) -> usize {
        match self.connector {
            Use::New { .. } => self.edge.far.ends(self.edge.spelled.as_ref()).len(),
            Use::Existing { .. } => 0,
        }
    }
}
