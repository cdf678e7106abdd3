//! What expressions stand for: ARNs, names and other values of resources of the template, as resource patterns that
//! compare equal whenever they provably denote the same. Knows resource types through the catalogue only.

use super::{Known, Partition};
use crate::catalog::{Catalog, Meaning, ResourceType};
use crate::iam::{PrefixIndex, Presence, ResourcePattern, Segment, Token};
use crate::syntax::{Document, NodeId};
use crate::template::{Expr, Resource, Sites, SubPart, Template, expression, sub_parts};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How deep `Fn::If` may nest inside one resource element; deeper ones are opaque.
const MAX_IF: usize = 8;

/// The pseudo parameter that a literal partition stands for.
const PARTITION: &str = "AWS::Partition";

/// A resource of the template that a pattern denotes, wholly or in part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Position in [`Template::resources`].
    pub resource: usize,
    /// What follows the resource's ARN, with wildcards, such as `/index/*`; for an ARN of another form that the
    /// type knows, that whole form.
    pub scope: String,
    /// The IAM resource types that the pattern can match; `None` if that is not known.
    pub kinds: Option<Vec<String>>,
    /// Whether the whole of the scope is a qualifier (a version or alias) of the resource.
    pub qualifier: bool,
}

/// A resource pattern and what was assumed to read it.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// What it matches.
    pub pattern: ResourcePattern,
    /// The same in the partition of the deployment, by which its target is found.
    pub deployed: ResourcePattern,
    /// Whether a literal partition was read as the partition of the deployment.
    pub literal_partition: bool,
}

/// What a pattern denotes in the template.
#[derive(Debug, Clone)]
pub struct Denoted {
    /// The pattern, by a reference to its target where that says the same.
    pub pattern: ResourcePattern,
    /// The resource.
    pub target: Option<Target>,
    /// Whether the pattern refers to it, instead of naming it by the same physical name.
    pub refers: bool,
}

/// Resolves expressions of one template.
pub struct Resolver<'a> {
    /// The document.
    pub doc: &'a Document,
    /// Its template.
    pub template: &'a Template,
    /// The catalogue.
    pub catalog: &'a Catalog,
    /// How literal partitions are read.
    pub partition: Partition,
    /// What the catalogue knows of each resource's type.
    kinds: Vec<Option<&'a ResourceType>>,
    known: Arc<Known>,
}

impl<'a> Resolver<'a> {
    /// A resolver for one template.
    pub fn new(
        doc: &'a Document,
        template: &'a Template,
        catalog: &'a Catalog,
        partition: Partition,
    ) -> Self {
        Self::with(doc, template, catalog, partition, Arc::new(Known::of(template)))
    }

    /// A resolver that goes on where another one of the same template, catalogue and partition was.
    pub fn with(
        doc: &'a Document,
        template: &'a Template,
        catalog: &'a Catalog,
        partition: Partition,
        known: Arc<Known>,
    ) -> Self {
        let resources = template.resources();
        let kinds = resources.iter().map(|resource| catalog.resource_type(&resource.type_name)).collect();
        Self { doc, template, catalog, partition, kinds, known }
    }

    /// What it has found out so far and will find out.
    pub fn known(&self) -> Arc<Known> {
        Arc::clone(&self.known)
    }

    /// Every place in the template that names a resource, a parameter or what SAM generates: the intrinsic, or the name below
    /// `DependsOn`. A name that a loop puts together counts for everything that it may name.
    pub fn sites_of(&self, name: &str) -> Vec<NodeId> {
        self.known.sites.get_or_init(|| Sites::of(self.doc)).naming(name)
    }

    /// The positions of the resources in whose text something names a resource or parameter.
    pub fn resources_naming(&self, name: &str) -> BTreeSet<usize> {
        let by_node = self.known.by_node.get_or_init(|| {
            let resources = self.template.resources().iter().enumerate();
            resources.map(|(position, resource)| (resource.node, position)).collect()
        });
        let around = |node: NodeId| std::iter::successors(Some(node), |&node| self.doc.node(node).parent);
        let sites = self.sites_of(name).into_iter();
        sites.filter_map(|node| around(node).find_map(|node| by_node.get(&node).copied())).collect()
    }

    /// The catalogue's entry for the type of a resource.
    pub fn type_of(&self, resource: &Resource) -> Option<&'a ResourceType> {
        self.catalog.resource_type(&resource.type_name)
    }

    /// The pattern that an expression of a policy denotes. `*` and `?` in its literal text are wildcards.
    pub fn resolve(&self, expr: &Expr) -> Resolved {
        let mut segments = self.segments(expr, true);
        let mut literal_partition = false;
        if let Some(Segment::Text(text)) = segments.first()
            && let Some(rest) = text.strip_prefix("arn:aws:")
        {
            let spelled = [
                Segment::Text("arn:".into()),
                Segment::Token(Token::opaque(PARTITION)),
                Segment::Text(format!(":{rest}")),
            ];
            segments.splice(0..1, spelled);
            literal_partition = true;
        }
        let deployed = ResourcePattern::new(segments);
        let pattern = match (self.partition, literal_partition) {
            (Partition::Any, true) => deployed.where_known(PARTITION, "aws"),
            _ => deployed.clone(),
        };
        Resolved { pattern, deployed, literal_partition }
    }

    /// What a resolved expression denotes.
    pub fn denote(&self, resolved: &Resolved) -> Denoted {
        let target = self.target(&resolved.deployed);
        let refers = self.refers(&resolved.deployed, target.as_ref());
        let pattern = match resolved.pattern == resolved.deployed {
            true => self.by_reference(resolved.deployed.clone(), target.as_ref()),
            false => resolved.pattern.clone(),
        };
        Denoted { pattern, target, refers }
    }

    /// The alternatives of an expression with the conditions under which each holds. Branches that are `AWS::NoValue`
    /// are left out.
    pub fn alternatives(&self, node: NodeId) -> Vec<(Presence, Expr)> {
        let mut out = Vec::new();
        let mut queue = vec![(Presence::Always, expression(self.doc, node), 0)];
        while let Some((presence, expr, depth)) = queue.pop() {
            match expr {
                Expr::If { condition, then, otherwise } if depth < MAX_IF => {
                    let holds = self.template.condition(&condition);
                    queue.push((presence.clone().and(holds.clone().negated()), *otherwise, depth + 1));
                    queue.push((presence.and(holds), *then, depth + 1));
                }
                Expr::NoValue => {}
                expr => out.push((presence, expr)),
            }
        }
        out
    }

    /// The ARN of a resource, if its type has one that is known.
    pub fn arn(&self, resource: usize) -> Option<&ResourcePattern> {
        self.known.arns.get(resource)?.get_or_init(|| self.make_arn(resource)).as_ref()
    }

    /// The positions of the resources by what their ARNs start with: the ARN itself, and of its other forms what stands
    /// before the first wildcard.
    fn by_arn(&self) -> &PrefixIndex {
        self.known.by_arn.get_or_init(|| {
            let whole = (0..self.kinds.len()).filter_map(|position| Some((position, self.arn(position)?)));
            let mut others = Vec::new();
            for (position, kind) in self.kinds.iter().enumerate() {
                for (form, _) in kind.iter().flat_map(|kind| &kind.other_arns) {
                    let head = form.split('*').next().unwrap_or_default();
                    let name = |name: &str| (name == "Name").then(|| self.name_segments(position));
                    others.push((position, self.fill(head, name)));
                }
            }
            PrefixIndex::new(whole.chain(others.iter().map(|(position, head)| (*position, head))))
        })
    }

    /// The pattern of `Fn::Sub` text in which `lookup` gives the segments of some names and all others are pseudo
    /// parameters.
    pub fn fill(&self, text: &str, mut lookup: impl FnMut(&str) -> Option<Vec<Segment>>) -> ResourcePattern {
        let mut segments = Vec::new();
        for part in sub_parts(text) {
            match part {
                SubPart::Text(text) => segments.extend(crate::iam::text_segments(text)),
                SubPart::Literal(text) => segments.extend(crate::iam::text_segments(&format!("${{{text}}}"))),
                SubPart::Name(name) => match lookup(name) {
                    Some(found) => segments.extend(found),
                    None => segments.push(Segment::Token(Token::opaque(name))),
                },
            }
        }
        ResourcePattern::new(segments)
    }

    /// The segments of a resource's name.
    pub fn name_segments(&self, resource: usize) -> Vec<Segment> {
        self.name_token(resource).map(Segment::Token).into_iter().collect()
    }

    /// The resource that a pattern denotes. `None` if it denotes none or could denote several.
    pub fn target(&self, pattern: &ResourcePattern) -> Option<Target> {
        let mut candidates = self.by_arn().of(pattern);
        candidates.dedup();
        let mut found: Vec<(usize, Target)> = Vec::new();
        for position in candidates {
            let Some(kind) = self.kinds[position] else { continue };
            if let Some(target) = self.match_resource(position, kind, pattern) {
                found.push((position, target));
            }
        }
        if found.len() > 1 {
            // Resources can share a physical name under conditions that exclude each other. A reference settles it.
            found.retain(|(position, _)| self.mentions(pattern, &self.template.resources()[*position].id));
        }
        match found.len() {
            1 => found.pop().map(|(_, target)| target),
            _ => None,
        }
    }

    /// The same pattern with the ARN of its target as one token, however it was spelled. A pattern that only shares the name
    /// of a conditional resource stays as it is, since it also means something where the resource is absent.
    fn by_reference(&self, pattern: ResourcePattern, target: Option<&Target>) -> ResourcePattern {
        let Some(target) = target else { return pattern };
        if let [Segment::Token(_)] = pattern.segments() {
            // One reference is its own shortest spelling.
            return pattern;
        }
        let resource = &self.template.resources()[target.resource];
        if resource.condition.is_some() && !self.mentions(&pattern, &resource.id) {
            return pattern;
        }
        self.arn(target.resource).and_then(|arn| pattern.rebased(arn)).unwrap_or(pattern)
    }

    fn match_resource(
        &self,
        position: usize,
        kind: &ResourceType,
        pattern: &ResourcePattern,
    ) -> Option<Target> {
        if let Some(arn) = self.arn(position)
            && let Some(scope) = pattern.suffix_behind(arn)
            && (scope.is_empty() || scope.starts_with(['/', ':', '*', '?']))
        {
            let kinds = scope_kinds(kind, &scope);
            let qualifier = kind
                .prefix_is_qualifier
                .as_deref()
                .is_some_and(|prefix| !scope.is_empty() && starts_like(&scope, prefix));
            return Some(Target { resource: position, scope, kinds, qualifier });
        }
        for ((form, _), whole) in kind.other_arns.iter().zip(self.other_arns(position)) {
            if whole.covers(pattern) {
                let kinds = kind
                    .other_arns
                    .iter()
                    .filter(|(other, _)| other == form)
                    .map(|(_, k)| k.clone())
                    .collect();
                return Some(Target {
                    resource: position,
                    scope: form.clone(),
                    kinds: Some(kinds),
                    qualifier: false,
                });
            }
        }
        None
    }

    /// The other forms of the ARN of a resource, in the order of its type.
    fn other_arns(&self, position: usize) -> &[ResourcePattern] {
        let forms = self.kinds[position].map_or(&[][..], |kind| &kind.other_arns);
        let name = |name: &str| (name == "Name").then(|| self.name_segments(position));
        let make = || forms.iter().map(|(form, _)| self.fill(form, name)).collect();
        self.known.others[position].get_or_init(make)
    }

    /// Whether a pattern refers to its target, so that it cannot be deployed without it.
    fn refers(&self, pattern: &ResourcePattern, target: Option<&Target>) -> bool {
        target.is_some_and(|target| self.mentions(pattern, &self.template.resources()[target.resource].id))
    }

    fn mentions(&self, pattern: &ResourcePattern, id: &str) -> bool {
        pattern.segments().iter().any(|segment| match segment {
            Segment::Token(token) => {
                token.name() == id || token.name().strip_prefix(id).is_some_and(|rest| rest.starts_with('.'))
            }
            _ => false,
        })
    }

    fn make_arn(&self, position: usize) -> Option<ResourcePattern> {
        let resource = self.template.resources().get(position)?;
        let form = self.kinds.get(position).copied().flatten()?.arn.as_deref()?;
        let spelled = self.fill(form, |name| (name == "Name").then(|| self.name_segments(position)));
        let token = Token::expanding(format!("{}.Arn", resource.id), spelled.segments().to_vec());
        Some(ResourcePattern::new(vec![Segment::Token(token)]))
    }

    /// The token of a resource's ARN, of which nothing but the name is known where its type has no known form of it.
    fn arn_token(&self, position: usize) -> Segment {
        match self.arn(position).map(ResourcePattern::segments) {
            Some([token]) => token.clone(),
            _ => Segment::Token(Token::opaque(format!("{}.Arn", self.template.resources()[position].id))),
        }
    }

    /// The token of a resource's physical name, if there is the resource: it expands to the expression of its name property, so that the same
    /// expression elsewhere denotes the same resource.
    fn name_token(&self, position: usize) -> Option<Token> {
        let resource = self.template.resources().get(position)?;
        let kind = self.kinds.get(position).copied().flatten();
        Some(self.known.names.get(position)?.get_or_init(|| self.make_name(resource, kind)).clone())
    }

    fn make_name(&self, resource: &Resource, kind: Option<&ResourceType>) -> Token {
        let shown = match kind {
            Some(kind) if kind.reference != Meaning::Name => kind
                .attributes
                .iter()
                .find(|(_, meaning)| **meaning == Meaning::Name)
                .map_or_else(|| resource.id.clone(), |(attribute, _)| format!("{}.{attribute}", resource.id)),
            _ => resource.id.clone(),
        };
        let explicit = kind
            .and_then(|kind| kind.name_property.as_deref())
            .and_then(|property| self.doc.get(resource.properties?, property))
            .map(|node| expression(self.doc, node))
            .filter(|expr| *expr != Expr::NoValue);
        match explicit {
            // References inside a name are not followed: they are compared by what they are called.
            Some(expr) => Token::expanding(shown, self.segments(&expr, false)),
            None => Token::opaque(shown),
        }
    }

    /// Whether a resource's physical name is chosen by the template instead of generated.
    pub fn has_explicit_name(&self, resource: &Resource) -> bool {
        self.type_of(resource)
            .and_then(|kind| kind.name_property.as_deref())
            .and_then(|property| self.doc.get(resource.properties?, property))
            .is_some_and(|node| expression(self.doc, node) != Expr::NoValue)
    }

    fn segments(&self, expr: &Expr, follow: bool) -> Vec<Segment> {
        match expr {
            Expr::Text(text) if follow => crate::iam::text_segments(text),
            Expr::Text(text) => vec![Segment::Text(text.clone())],
            Expr::Concat(parts) => parts.iter().flat_map(|part| self.segments(part, follow)).collect(),
            Expr::Ref(name) => match follow.then(|| self.alias(name)).flatten() {
                Some(alias) => alias,
                None => vec![self.reference(name, None, follow)],
            },
            Expr::Attribute(id, attribute) => {
                vec![self.reference(id, Some(attribute), follow)]
            }
            Expr::If { .. } | Expr::NoValue => vec![Segment::Token(Token::opaque(describe(expr)))],
            Expr::Opaque(text) => vec![Segment::Token(Token::opaque(text.clone()))],
        }
    }

    /// What a reference such as `Function.Alias` stands for: the ARN with the alias that the resource publishes, if the
    /// template says which.
    fn alias(&self, name: &str) -> Option<Vec<Segment>> {
        let (id, suffix) = name.split_once('.')?;
        let position = self.template.position(id)?;
        let (resource, kind) = (&self.template.resources()[position], self.kinds[position]?);
        kind.suffix_refs.get(suffix).filter(|meaning| *meaning == "alias")?;
        let before = kind.prefix_is_qualifier.as_deref()?.strip_suffix('*')?;
        let published = self.template.property(self.doc, resource, kind.alias_property.as_deref()?)?;
        let Expr::Text(alias) = expression(self.doc, published) else { return None };
        let arn = self.arn_token(position);
        Some(vec![arn, Segment::Text(format!("{before}{alias}"))])
    }

    fn reference(&self, id: &str, attribute: Option<&str>, follow: bool) -> Segment {
        let plain = || match attribute {
            Some(attribute) => Token::opaque(format!("{id}.{attribute}")),
            None => Token::opaque(id),
        };
        let known = || {
            let position = self.template.position(id)?;
            let kind = self.kinds[position]?;
            let meaning = match attribute {
                None => &kind.reference,
                Some(attribute) => kind.attributes.get(attribute)?,
            };
            match meaning {
                Meaning::Arn if !follow => Some(Segment::Token(Token::opaque(format!("{id}.Arn")))),
                Meaning::Arn => Some(self.arn_token(position)),
                Meaning::Name if !follow => Some(Segment::Token(Token::opaque(id))),
                Meaning::Name => self.name_token(position).map(Segment::Token),
                Meaning::Other(word) => self.part_token(position, kind, word, &plain()).map(Segment::Token),
                _ => None,
            }
        };
        known().unwrap_or_else(|| Segment::Token(plain()))
    }

    /// The token of an attribute that is an ARN below the resource's own, such as a table's stream: the scope of that name,
    /// with what the wildcard stands for left open; `None` if the type has no such scope.
    fn part_token(&self, position: usize, kind: &ResourceType, word: &str, plain: &Token) -> Option<Token> {
        let scope = kind.scopes.iter().find(|(_, kind)| kind == word).map(|(scope, _)| scope);
        let (head, "") = scope?.split_once('*')? else { return None };
        let label = Token::opaque(format!("{}.Label", plain.name()));
        let spelled = vec![self.arn_token(position), Segment::Text(head.to_owned()), Segment::Token(label)];
        Some(Token::expanding(plain.name(), spelled))
    }
}

/// The IAM resource types that a scope behind an ARN can match: those of the declared scopes that cover it.
fn scope_kinds(kind: &ResourceType, scope: &str) -> Option<Vec<String>> {
    let wanted = ResourcePattern::from_text(scope);
    let kinds: Vec<String> = kind
        .scopes
        .iter()
        .filter(|(declared, _)| declared.is_empty() == scope.is_empty())
        .filter(|(declared, _)| ResourcePattern::from_text(declared).covers(&wanted))
        .map(|(_, kind)| kind.clone())
        .collect();
    (!kinds.is_empty()).then_some(kinds)
}

/// Whether a scope starts with the literal text before the wildcard of `form` (`:` of `:*`).
fn starts_like(scope: &str, form: &str) -> bool {
    let literal = form.split('*').next().unwrap_or_default();
    scope.starts_with(literal) || scope.starts_with('*')
}

fn describe(expr: &Expr) -> String {
    match expr {
        Expr::Text(text) => text.clone(),
        Expr::Ref(name) => format!("${{{name}}}"),
        Expr::Attribute(id, name) => format!("${{{id}.{name}}}"),
        Expr::Concat(parts) => parts.iter().map(describe).collect(),
        Expr::If { condition, then, otherwise } => {
            format!("Fn::If({condition}, {}, {})", describe(then), describe(otherwise))
        }
        Expr::NoValue => "AWS::NoValue".into(),
        Expr::Opaque(text) => text.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Source;

    /// The alternatives of as many `Fn::If`, each in the branch `inner` of the one before.
    fn alternatives(depth: usize, inner: fn(String) -> String) -> Vec<Expr> {
        let value = (0..depth).fold("last".to_owned(), |value, _| inner(value));
        let text = format!("Conditions: {{C: true}}\nValue: {value}\n");
        let doc = Document::parse(Source::new("template.yaml", text.into_bytes()).unwrap()).unwrap();
        let template = Template::view(&doc);
        let resolver = Resolver::new(&doc, &template, Catalog::builtin(), Partition::Aws);
        let node = doc.get(doc.root(), "Value").unwrap();
        resolver.alternatives(node).into_iter().map(|(_, expr)| expr).collect()
    }

    #[test]
    fn choices_are_followed_to_their_limit() {
        let branches: [fn(String) -> String; 2] =
            [|value| format!("!If [C, {value}, other]"), |value| format!("!If [C, other, {value}]")];
        for inner in branches {
            let open =
                |depth| alternatives(depth, inner).iter().filter(|e| matches!(e, Expr::If { .. })).count();
            assert_eq!((open(MAX_IF), alternatives(MAX_IF, inner).len()), (0, MAX_IF + 1));
            assert_eq!((open(MAX_IF + 1), alternatives(MAX_IF + 1, inner).len()), (1, MAX_IF + 1));
        }
    }
}
