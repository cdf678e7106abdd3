//! The tables as graphs for the pictures: principals on one side, resources on the other, one edge for all that one may do
//! to the other. Owns what is drawn and in which words; refuses to know where it is drawn.

use super::GrantsReport;
use super::words::{actions, origin, short};
use crate::check::{Access, HeldGrant, Holder, RoleKind};
use crate::check::{GrantOrigin, GrantTable};
use crate::report::escape::portable;
use std::collections::{BTreeMap, BTreeSet};

/// The group of resources that are none of the template.
const ELSEWHERE: &str = "not in this template";

/// What an edge does, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// Reads only.
    Read,
    /// Writes only.
    Write,
    /// Reads and writes.
    Both,
    /// Something that no access category has.
    Other,
    /// Denies.
    Deny,
}

impl Class {
    /// Every class, in the order of the legend.
    pub(super) const ALL: [Self; 5] = [Self::Read, Self::Write, Self::Both, Self::Other, Self::Deny];

    /// The word in the legend.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Both => "read and write",
            Self::Other => "other",
            Self::Deny => "denied",
        }
    }

    /// The name in style sheets.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Both => "both",
            Self::Other => "other",
            Self::Deny => "deny",
        }
    }

    /// A colour that can be read on white and on black.
    pub(super) fn colour(self) -> &'static str {
        match self {
            Self::Read => "#2f6fd0",
            Self::Write => "#b8570f",
            Self::Both => "#8a4fd0",
            Self::Other => "#6b7280",
            Self::Deny => "#cf3040",
        }
    }
}

/// A principal or a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Vertex {
    /// What it is called.
    pub(super) label: String,
    /// All that is known of it, in a line.
    pub(super) detail: String,
    /// What it stands with.
    pub(super) group: String,
    /// Whether it is a pattern that matches more than one resource.
    pub(super) open: bool,
}

/// All that one principal may do to one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edge {
    /// Number of the principal.
    pub(super) from: usize,
    /// Number of the resource.
    pub(super) to: usize,
    /// Its class.
    pub(super) class: Class,
    /// What is done, in a few letters.
    pub(super) label: String,
    /// Every action with where it comes from.
    pub(super) detail: String,
    /// Whether it is there only under a condition of the template or of IAM.
    pub(super) limited: bool,
}

/// One template as a graph.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Graph {
    /// The template.
    pub(super) title: String,
    /// Who holds permissions.
    pub(super) principals: Vec<Vertex>,
    /// What they are on; those of one group stand together.
    pub(super) resources: Vec<Vertex>,
    /// Who may do what, by principal.
    pub(super) edges: Vec<Edge>,
    /// What is not drawn.
    pub(super) notes: Vec<String>,
}

/// One graph for each file that has a table.
pub(super) fn graphs(files: &[GrantsReport]) -> Vec<Graph> {
    let tables = files.iter().filter_map(|file| Some((file, &file.answer.as_ref()?.1)));
    tables.map(|(file, table)| graph(portable(&file.path).into_owned(), table)).collect()
}

fn graph(title: String, table: &GrantTable) -> Graph {
    let mut graph = Graph { title, ..Graph::default() };
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut attached: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (from, holder) in table.holders.iter().enumerate() {
        graph.principals.push(principal(holder));
        let mut by_edge: BTreeMap<(usize, bool), Vec<&HeldGrant>> = BTreeMap::new();
        for held in holder.grants.iter().filter(|held| !held.permission.inert) {
            if let GrantOrigin::Sam(Some(policy)) = &held.origin {
                attached.entry(policy).or_default().insert(&holder.name);
                continue;
            }
            let key = held.on.as_ref().map_or(&held.permission.resource, |on| &on.id);
            let to = *numbers.entry(key.clone()).or_insert_with(|| {
                graph.resources.push(resource(held));
                graph.resources.len() - 1
            });
            by_edge.entry((to, held.permission.deny)).or_default().push(held);
        }
        graph.edges.extend(by_edge.into_iter().map(|((to, deny), held)| edge(from, to, deny, &held)));
    }
    for (policy, roles) in attached {
        let name = policy.rsplit('/').next().unwrap_or(policy);
        let roles = match roles.len() {
            1 => "1 role".to_owned(),
            many => format!("{many} roles"),
        };
        graph.notes.push(format!("not drawn: {name}, which SAM attaches to {roles}"));
    }
    let hidden = table.unread.iter().filter(|unread| unread.kind.hides_grants()).count();
    if hidden > 0 {
        let what = if hidden == 1 { "1 thing".to_owned() } else { format!("{hidden} things") };
        graph.notes.push(format!("not shown: {what} that may grant more; `samwire grants` lists them"));
    }
    graph
}

fn principal(holder: &Holder) -> Vertex {
    let acting: Vec<&str> = holder.acting.iter().map(|acting| acting.id.as_str()).collect();
    let label = match (holder.kind, acting.as_slice()) {
        (RoleKind::Generated, [only]) => (*only).to_owned(),
        _ => holder.name.clone(),
    };
    let detail = match acting.as_slice() {
        [] => holder.name.clone(),
        ids => format!("{}: role of {}", holder.name, ids.join(", ")),
    };
    let group = match holder.kind {
        RoleKind::LetIn => "let in".to_owned(),
        _ => holder.acting.first().map_or_else(|| "roles".to_owned(), |acting| acting.type_name.clone()),
    };
    Vertex { label, detail, group, open: false }
}

fn resource(held: &HeldGrant) -> Vertex {
    match &held.on {
        Some(on) => Vertex {
            label: on.id.clone(),
            detail: format!("{} ({})", on.id, on.type_name),
            group: on.type_name.clone(),
            open: false,
        },
        None => {
            let text = &held.permission.resource;
            let open = text.contains(['*', '?']);
            let label = if text == "*" { "* (every resource)".to_owned() } else { short(text) };
            let label = label.strip_prefix("arn:…:").map_or(label.clone(), str::to_owned);
            Vertex { label, detail: text.clone(), group: ELSEWHERE.to_owned(), open }
        }
    }
}

fn edge(from: usize, to: usize, deny: bool, held: &[&HeldGrant]) -> Edge {
    let access = held.iter().fold(Access::default(), |all, held| all.and(held.access));
    let class = match (deny, access.read, access.write) {
        (true, ..) => Class::Deny,
        (_, true, true) => Class::Both,
        (_, true, false) => Class::Read,
        (_, false, true) => Class::Write,
        (_, false, false) => Class::Other,
    };
    let all: BTreeSet<&str> = held.iter().map(|held| held.permission.action.as_str()).collect();
    let is_other = |held: &&&HeldGrant| held.access.other && !held.access.read && !held.access.write;
    let others: BTreeSet<&str> =
        held.iter().filter(is_other).map(|held| held.permission.action.as_str()).collect();
    let open = all.iter().find(|action| action.contains('*'));
    let label = match (open, class) {
        (Some(open), _) if all.len() == 1 => (*open).to_owned(),
        (None, Class::Other | Class::Deny) if all.len() == 1 => short_name(all.first().unwrap_or(&"")),
        (None, Class::Other | Class::Deny) => counted(all.len()),
        (Some(_), Class::Other | Class::Deny) => format!("{} patterns", all.len()),
        (_, class) => {
            let words = if class == Class::Both { "read, write" } else { class.word() };
            if others.is_empty() { words.to_owned() } else { format!("{words} +{}", others.len()) }
        }
    };
    let mut by_origin: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for grant in held {
        let permission = &grant.permission;
        let mut from = origin(&grant.origin);
        from.extend(permission.condition.iter().map(|condition| format!(", if {condition}")));
        from.extend(permission.when.iter().map(|when| format!(", when {when}")));
        by_origin.entry(from).or_default().push(&permission.action);
    }
    let parts = by_origin.iter().map(|(from, names)| format!("{} ({from})", actions(names, true)));
    let detail = format!("{}{}", if deny { "denied: " } else { "" }, parts.collect::<Vec<_>>().join("; "));
    let limited =
        held.iter().all(|held| held.permission.condition.is_some() || held.permission.when.is_some());
    Edge { from, to, class, label, detail, limited }
}

fn counted(actions: usize) -> String {
    if actions == 1 { "1 action".to_owned() } else { format!("{actions} actions") }
}

/// The name of an action without its service.
fn short_name(action: &str) -> String {
    action.split_once(':').map_or(action, |(_, name)| name).to_owned()
}
