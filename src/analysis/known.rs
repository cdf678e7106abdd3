//! What has been found out about a template, kept for whoever asks again. Refuses to find anything out itself.

use crate::iam::{PrefixIndex, ResourcePattern, Token};
use crate::syntax::NodeId;
use crate::template::{Sites, Template};
use hashbrown::HashMap;
use std::sync::OnceLock;

/// What has been found out about a template, so that it is worked out once, however many resolvers the template has had.
/// Everything in it is made when it is first asked for.
#[derive(Debug)]
pub struct Known {
    /// By position of a resource: its ARN, if its type has one that is known.
    pub(super) arns: Vec<OnceLock<Option<ResourcePattern>>>,
    /// By position of a resource: the token of its name.
    pub(super) names: Vec<OnceLock<Token>>,
    /// By position of a resource: the other forms of its ARN, in the order of its type.
    pub(super) others: Vec<OnceLock<Vec<ResourcePattern>>>,
    pub(super) by_arn: OnceLock<PrefixIndex>,
    /// By the node of a resource: its position.
    pub(super) by_node: OnceLock<HashMap<NodeId, usize>>,
    /// Every place that names something.
    pub(super) sites: OnceLock<Sites>,
}

impl Known {
    pub(super) fn of(template: &Template) -> Self {
        let count = template.resources().len();
        Self {
            arns: (0..count).map(|_| OnceLock::new()).collect(),
            names: (0..count).map(|_| OnceLock::new()).collect(),
            others: (0..count).map(|_| OnceLock::new()).collect(),
            by_arn: OnceLock::new(),
            by_node: OnceLock::new(),
            sites: OnceLock::new(),
        }
    }
}
