//! What the hazards of all rewrites of one template look for in it, found once: calls during the deployment, references to
//! published aliases, policies that deny. Decides nothing.

use crate::analysis::{Analysis, Origin, Resolver};
use crate::template::references;
use hashbrown::HashMap;
use std::collections::{BTreeMap, BTreeSet};

/// The property by which a custom resource names the function that makes it (CloudFormation documentation, "Custom resources").
const SERVICE_TOKEN: &str = "ServiceToken";

/// What is there in a template, by what it concerns.
pub(in crate::plan) struct Surroundings {
    /// By logical id: positions of the custom resources that call it during the deployment.
    called: HashMap<String, Vec<usize>>,
    /// References to what functions publish, such as `Function.Alias`.
    published: BTreeSet<String>,
    /// Numbers of the policies of resources that deny something.
    denying: Vec<usize>,
}

impl Surroundings {
    /// What is there in a template.
    pub(in crate::plan) fn of(resolver: &Resolver<'_>, analysis: &Analysis) -> Self {
        let doc = resolver.doc;
        let mut called: HashMap<String, Vec<usize>> = HashMap::new();
        for (position, resource) in resolver.template.resources().iter().enumerate() {
            let token = resource.properties.and_then(|properties| doc.get(properties, SERVICE_TOKEN));
            for name in token.map(|node| references(doc, node)).unwrap_or_default() {
                called.entry(name).or_default().push(position);
            }
        }
        let kinds = resolver.catalog.resource_types();
        let suffixes: BTreeSet<&String> = kinds.flat_map(|kind| kind.suffix_refs.keys()).collect();
        let is_published = |text: &&str| {
            text.split_once('.').is_some_and(|(_, suffix)| suffixes.iter().any(|known| *known == suffix))
        };
        let mut published = BTreeSet::new();
        for text in doc.ids().filter_map(|node| doc.scalar(node)).filter(|text| text.contains('.')) {
            let parts = text.split("${").skip(1).filter_map(|part| part.split('}').next());
            published.extend(parts.chain([text]).filter(is_published).map(str::to_owned));
        }
        let units = analysis.ledger.units.iter().enumerate();
        let denying = units
            .filter(|(_, unit)| unit.origin == Origin::ResourceSide)
            .filter(|(_, unit)| unit.rectangles.iter().any(|rectangle| !rectangle.allow))
            .map(|(number, _)| number)
            .collect();
        Self { called, published, denying }
    }

    /// The custom resources that call one of some resources, each with the first of these, in template order.
    pub(super) fn callers<'n>(&self, of: impl Iterator<Item = &'n str>) -> BTreeMap<usize, &'n str> {
        let mut out = BTreeMap::new();
        for name in of {
            for &position in self.called.get(name).into_iter().flatten() {
                out.entry(position).or_insert(name);
            }
        }
        out
    }

    /// Whether something refers to what a resource publishes, by the text of the reference.
    pub(super) fn publishes(&self, reference: &str) -> bool {
        self.published.contains(reference)
    }

    /// Numbers of the policies of resources that deny something, in template order.
    pub(super) fn denying(&self) -> &[usize] {
        &self.denying
    }
}
