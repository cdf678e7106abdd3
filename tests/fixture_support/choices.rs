//! `options.json` of a fixture: the options of a plan under the names that the command line gives them.

use samwire::iam::{ActionPattern, ConsentPattern};
use samwire::plan::{
    Answers, Consent, Direction, FormChoice, Options, Partition, Phase, PolicyFormChoice, Rest, Selection,
};
use serde::Deserialize;

/// The options of a case; what is absent has its default.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Choices {
    to: Option<String>,
    policy_form: Option<String>,
    prefer_templates: bool,
    actions: Option<Vec<String>>,
    form: Option<String>,
    phase: Option<String>,
    drop_rest: bool,
    partial: bool,
    accept: Option<String>,
    accept_add: Vec<String>,
    accept_remove: Vec<String>,
    strict: bool,
    only: Vec<String>,
    skip: Vec<String>,
    source: Vec<String>,
    destination: Vec<String>,
    external: bool,
    infer_destinations: bool,
    max_managed_policies: Option<usize>,
    partition: Option<String>,
}

impl Choices {
    /// Reads the file's text.
    pub fn parse(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| format!("options.json: {error}"))
    }

    /// The options that they stand for.
    pub fn options(self) -> Result<Options, String> {
        let defaults = Options::default();
        let form = match self.form.as_deref() {
            None | Some("auto") => FormChoice::Auto,
            Some("embedded") => FormChoice::Embedded,
            Some("standalone") => FormChoice::Standalone,
            Some(other) => return Err(format!("form `{other}`")),
        };
        let phase = match self.phase.as_deref() {
            None | Some("both") => Phase::Both,
            Some("add") => Phase::Add,
            Some("remove") => Phase::Remove,
            Some(other) => return Err(format!("phase `{other}`")),
        };
        let direction = match self.to.as_deref() {
            None | Some("connectors") => Direction::Connectors,
            Some("policies") => Direction::Policies,
            Some(other) => return Err(format!("to `{other}`")),
        };
        let policy_form = match self.policy_form.as_deref() {
            None | Some("auto") => PolicyFormChoice::Auto,
            Some("inline") => PolicyFormChoice::Inline,
            Some("resource") => PolicyFormChoice::Resource,
            Some(other) => return Err(format!("policy-form `{other}`")),
        };
        let partition = match self.partition.as_deref() {
            None | Some("aws") => Partition::Aws,
            Some("any") => Partition::Any,
            Some(other) => return Err(format!("partition `{other}`")),
        };
        let any = match self.accept.as_deref() {
            None => false,
            Some("any") => true,
            Some(other) => return Err(format!("accept `{other}`")),
        };
        let used = |list: Vec<String>| list.iter().map(|text| ActionPattern::new(text.as_str())).collect();
        Ok(Options {
            answers: Answers::default(),
            direction,
            policy_form,
            prefer_templates: self.prefer_templates,
            used_actions: self.actions.map(used),
            form,
            phase,
            partition,
            rest: if self.drop_rest { Rest::Drop } else { Rest::Keep },
            partial: self.partial,
            external: self.external,
            infer_destinations: self.infer_destinations,
            consent: Consent {
                add: patterns(&self.accept_add)?,
                remove: patterns(&self.accept_remove)?,
                any,
                strict: self.strict,
            },
            select: Selection {
                only: self.only,
                skip: self.skip,
                sources: self.source,
                destinations: self.destination,
                ..Selection::default()
            },
            max_managed_policies: self.max_managed_policies.unwrap_or(defaults.max_managed_policies),
        })
    }
}

fn patterns(texts: &[String]) -> Result<Vec<ConsentPattern>, String> {
    texts.iter().map(|text| text.parse().map_err(|error| format!("{error}"))).collect()
}
