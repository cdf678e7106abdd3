//! One rewrite as a question to a person: what it joins, what it does to permissions in words, hazards in full, and what its
//! role holds afterwards.

use super::file::connection;
use crate::iam::{Effect, Permission};
use crate::plan::{Form, Rewrite, RoleQuota};
use crate::report::escape::escaped;
use crate::report::paint::Paint;
use crate::report::permissions::phrases;
use std::fmt::Display;
use std::io::{self, Write};

/// The words for an effect, in the colour that goes with it.
pub fn effect_in_words(effect: Effect, paint: Paint) -> String {
    let words = match effect {
        Effect::Same => "no permission changes",
        Effect::Equivalent => "equivalent: only permissions are added that earlier ones imply",
        Effect::Wider => "wider: adds permissions",
        Effect::Narrower => "narrower: removes permissions",
        Effect::Mixed => "mixed: adds some permissions and removes others",
        Effect::Unknown => "unknown: what it changes cannot be decided",
    };
    match effect {
        Effect::Same | Effect::Equivalent => paint.added(words).to_string(),
        _ => paint.caution(words).to_string(),
    }
}

/// Writes permissions that come, go or stay, one phrase a line.
pub fn write_permissions(
    out: &mut dyn Write,
    paint: Paint,
    (added, removed, kept): (&[Permission], &[Permission], &[Permission]),
) -> io::Result<()> {
    let mut lines = |label: &dyn Display, list: &[Permission]| -> io::Result<()> {
        phrases(list, false).iter().try_for_each(|phrase| writeln!(out, "  {label} {phrase}"))
    };
    lines(&paint.added("+ adds   "), added)?;
    lines(&paint.removed("- removes"), removed)?;
    lines(&paint.faint("= keeps  "), kept)
}

/// Writes what a person should know of a rewrite before answering.
pub fn write_question(
    out: &mut dyn Write,
    rewrite: &Rewrite,
    roles: &[RoleQuota],
    paint: Paint,
) -> io::Result<()> {
    let form = match rewrite.form {
        Form::Embedded | Form::Standalone if rewrite.existing => "by the connector that is there",
        Form::Embedded => "embedded connector",
        Form::Standalone => "standalone connector",
        Form::Inline => "into the policies of the role",
        Form::Resource => "as a resource of its own",
    };
    writeln!(
        out,
        "{}  {}  {}",
        paint.strong(connection(rewrite)),
        paint.mark(escaped(&rewrite.profile)),
        paint.faint(form)
    )?;
    writeln!(out, "  {}", effect_in_words(rewrite.effect, paint))?;
    write_consequences(out, rewrite, roles, paint)
}

/// Writes what comes of a rewrite: the permissions that come, go and stay, who else has the role, hazards in full, and what
/// the role holds afterwards.
pub fn write_consequences(
    out: &mut dyn Write,
    rewrite: &Rewrite,
    roles: &[RoleQuota],
    paint: Paint,
) -> io::Result<()> {
    write_permissions(out, paint, (&rewrite.added, &rewrite.removed, &rewrite.kept))?;
    if !rewrite.shared_with.is_empty() {
        let others = escaped(&rewrite.shared_with.join(", ")).into_owned();
        writeln!(out, "  the role {} is also that of {others}", escaped(&rewrite.principal))?;
    }
    for hazard in &rewrite.hazards {
        let id = paint.caution(hazard.id);
        writeln!(out, "  {} {id}: {}", paint.caution("!"), escaped(&hazard.message))?;
    }
    for role in roles.iter().filter(|role| role.role == rewrite.principal && role.before != role.after) {
        let text = format!("managed policies {} → {} of {}", role.before, role.after, role.quota);
        let text = match role.after > role.quota {
            true => paint.removed(text).to_string(),
            false => text,
        };
        writeln!(out, "  role {}: {text}", escaped(&role.role))?;
    }
    Ok(())
}
