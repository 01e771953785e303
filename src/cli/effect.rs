//! What a commit or an adoption does to the store, in words.

use crate::project::{ImportEffect, SettledIntent, Standing, StoreEffect};
use crate::store::RecordedEffect;
use crate::text;

use super::failure::Failure;
use super::output::Output;

/// `mood` is `would` or `did`.
pub(super) fn print(effect: &StoreEffect, mood: &str, output: &mut Output) -> Result<(), Failure> {
    if effect.is_empty() {
        return Ok(());
    }
    let (takes, raises) = match mood {
        "did" => ("left the database", "the project is at version"),
        _ => (
            "would leave the database",
            "the project would be at version",
        ),
    };
    for row in &effect.taken {
        let standing = match row.standing {
            Standing::Imported => "it is in Git now".to_owned(),
            Standing::Removed => "the commit removes it; the snapshot keeps it".to_owned(),
            Standing::SameInGit => "Git held the same".to_owned(),
            Standing::DiffersInGit => "Git holds other content, which stays".to_owned(),
            Standing::NotInGit => {
                "the branch has no such document; the snapshot keeps it".to_owned()
            }
        };
        output.line(format_args!(
            "  {} {takes} (import at version {}): {standing}",
            row.document, row.import_version
        ))?;
    }
    for effect in &effect.effects {
        match mood {
            "did" => output.line(format_args!("  {}", described(effect)))?,
            _ => output.line(format_args!(
                "  the effect {} would run (import of {} at version {}){}",
                effect.effect,
                effect.kind,
                effect.import_version,
                if effect.is_unknown {
                    ", which this program doesn't have: commit through the server that does"
                } else {
                    ""
                }
            ))?,
        }
    }
    if effect.version != effect.version_before {
        output.line(format_args!(
            "  {raises} {} (it was {})",
            effect.version, effect.version_before
        ))?;
    }
    Ok(())
}

/// What an effect came to.
fn described(effect: &ImportEffect) -> String {
    let outcome = effect.outcome.as_deref();
    told(&effect.effect, &effect.kind, effect.import_version, outcome)
}

/// What the store recorded of an effect.
pub(super) fn recorded(effect: &RecordedEffect) -> String {
    let outcome = effect.outcome.as_deref();
    told(&effect.effect, &effect.kind, effect.import_version, outcome)
}

fn told(effect: &str, kind: &str, import_version: u32, outcome: Option<&str>) -> String {
    let said = outcome.map_or(
        "it was begun, and its outcome is not recorded".into(),
        text::visible_line,
    );
    format!("the effect {effect} (import of {kind} at version {import_version}): {said}")
}

pub(super) fn print_settled(settled: &[SettledIntent], output: &mut Output) -> Result<(), Failure> {
    for intent in settled {
        let short = text::short_id(&intent.commit);
        let what = if intent.applied {
            "finished"
        } else {
            "dropped"
        };
        output.line(format_args!(
            "  {what} an interrupted commit to {} ({short})",
            intent.branch
        ))?;
        for effect in &intent.effects {
            output.line(format_args!("    {}", described(effect)))?;
        }
        if !intent.left.is_empty() {
            output.warning(format_args!(
                "edited in the database since, and left there: {}",
                text::list(
                    intent
                        .left
                        .iter()
                        .map(|name| text::visible_line(name.as_str()))
                )
            ));
        }
    }
    Ok(())
}
