//! Logical ids: short and long ones, similar ones, ones that read like what samwire or SAM would write. Refuses ids that SAM
//! itself generates for another resource of the template, since such a template means something else than it says.

use super::chance::Chance;
use std::collections::BTreeSet;

/// Beginnings of logical ids. Some of them together make others: `A` and `BC`, `AB` and `C`.
const STEMS: [&str; 22] = [
    "Orders",
    "Order",
    "OrdersTo",
    "ToOrders",
    "A",
    "AB",
    "B",
    "BC",
    "C",
    "Billing",
    "billing",
    "Connector",
    "MyConnector",
    "ConnectorTo",
    "Policy",
    "Write",
    "X1",
    "X12",
    "Items",
    "Item",
    "Pay",
    "Payments",
];

/// Ends of logical ids that SAM adds to those of functions and state machines.
const GENERATED: [&str; 9] =
    ["Role", "Version", "Alias", "Poll", "Timer", "EventInvokeConfig", "DeploymentGroup", "Url", "Stage"];

/// The logical ids of a template.
#[derive(Debug, Default)]
pub(crate) struct Names(BTreeSet<String>);

impl Names {
    /// A new id for a resource whose type ends in `kind`.
    pub(crate) fn fresh(&mut self, chance: &mut Chance, kind: &str) -> String {
        loop {
            let stem = chance.one(&STEMS);
            let name = match chance.below(12) {
                0..=4 => format!("{stem}{kind}"),
                5..=8 => (*stem).to_owned(),
                9 => format!("{stem}{kind}{}", chance.below(3)),
                10 => format!("{stem}{stem}"),
                _ => format!("{stem}{}", "VeryLongName".repeat(1 + chance.below(6))),
            };
            if self.claim(&name) {
                return name;
            }
        }
    }

    /// Takes an id, unless it is taken or SAM would generate it.
    pub(crate) fn claim(&mut self, name: &str) -> bool {
        let generated = GENERATED.iter().any(|end| {
            let owner = name.find(end).and_then(|at| name.get(..at));
            owner.is_some_and(|owner| self.0.contains(owner))
                || self
                    .0
                    .iter()
                    .any(|other| other.strip_prefix(name).is_some_and(|rest| rest.starts_with(end)))
        });
        !generated && self.0.insert(name.to_owned())
    }
}
