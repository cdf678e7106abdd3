//! What connectors and policy templates there are, as a table for people and as JSON.

use super::paint::Paint;
use super::topic::groups;
use crate::catalog::Catalog;
use serde_json::{Map, Value, json};
use std::io::{self, Write};

/// Writes all profiles and policy templates as tables.
pub fn write_listing(out: &mut dyn Write, catalog: &Catalog, paint: Paint) -> io::Result<()> {
    let profiles: Vec<_> = catalog.profiles().collect();
    let width = |lengths: &mut dyn Iterator<Item = usize>| lengths.max().unwrap_or_default();
    let id = width(&mut profiles.iter().map(|profile| profile.id.len()));
    let source = width(&mut profiles.iter().map(|profile| profile.source.len()));
    let destination = width(&mut profiles.iter().map(|profile| profile.destination.len()));
    writeln!(
        out,
        "{}",
        paint.strong(format!("{} connector profiles ({})", profiles.len(), Catalog::version()))
    )?;
    for profile in profiles {
        let combinations: Vec<String> = profile.combinations.iter().map(|names| names.join("+")).collect();
        writeln!(
            out,
            "  {:id$}  {:source$} → {:destination$}  {}",
            paint.mark(&profile.id),
            profile.source,
            profile.destination,
            combinations.join(", ")
        )?;
    }
    let templates: Vec<_> = catalog.templates().collect();
    let name = width(&mut templates.iter().map(|template| template.name.len()));
    writeln!(out, "\n{}", paint.strong(format!("{} policy templates", templates.len())))?;
    for template in templates {
        writeln!(out, "  {:name$}  {}", paint.mark(&template.name), template.title)?;
    }
    writeln!(
        out,
        "\n`samwire explain ID` tells what one of them grants, `samwire explain` every id that it takes"
    )
}

/// Writes every id that can be explained, with a line about each.
pub fn write_ids(out: &mut dyn Write, catalog: &Catalog, paint: Paint) -> io::Result<()> {
    for group in groups(catalog) {
        let width = group.ids.iter().map(|(id, _)| id.len()).max().unwrap_or_default();
        writeln!(out, "{}", paint.strong(group.title))?;
        for (id, about) in group.ids {
            writeln!(out, "  {:width$}  {about}", paint.mark(id))?;
        }
        writeln!(out)?;
    }
    writeln!(out, "`samwire explain ID…` tells more of each")
}

/// Writes all profiles and policy templates as one JSON document.
pub fn write_listing_json(out: &mut dyn Write, catalog: &Catalog) -> io::Result<()> {
    let profiles: Vec<Value> = catalog
        .profiles()
        .map(|profile| {
            let permissions: Map<String, Value> =
                profile.permissions.iter().map(|(name, forms)| (name.clone(), json!(forms))).collect();
            json!({
                "id": profile.id,
                "title": profile.title,
                "source": profile.source,
                "destination": profile.destination,
                "grants": profile.kind,
                "holder": profile.holder,
                "combinations": profile.combinations,
                "permissions": permissions,
            })
        })
        .collect();
    let templates: Vec<Value> = catalog
        .templates()
        .map(|template| {
            let parameters: Vec<&str> = template.parameters.iter().map(|(name, _)| name.as_str()).collect();
            json!({ "name": template.name, "title": template.title, "parameters": parameters })
        })
        .collect();
    let listing = json!({
        "schema": 1,
        "transforms": Catalog::version(),
        "profiles": profiles,
        "policy_templates": templates,
    });
    serde_json::to_writer_pretty(&mut *out, &listing)?;
    writeln!(out)
}
