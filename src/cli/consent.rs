//! What a command that writes is told to accept.

use std::collections::BTreeSet;

use crate::catalog::Catalog;
use crate::project::{Draft, LookupKey};
use crate::text;

use super::failure::{Failure, expect_version, quoted};

/// Messages list at most this many lookup tables.
const MOST_TABLES: usize = 20;

// What is accepted, by name. (Not as its documentation, which `clap` would take for the command's.)
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Consent {
    /// Accept these versions although the catalog doesn't know what they changed
    #[arg(long, value_name = "N", value_delimiter = ',', value_parser = parse_accepted)]
    accept_unknown: Vec<u32>,
    /// Accept the step's own default for this lookup, which the store has no answer to; may be given several times
    #[arg(long, value_name = "TABLE/KEY", value_parser = parse_lookup)]
    accept_missing_lookup: Vec<String>,
}

impl Consent {
    /// The versions that are accepted.
    pub(super) fn versions(&self) -> BTreeSet<u32> {
        self.accept_unknown.iter().copied().collect()
    }

    /// The lookups that are accepted.
    pub(super) fn lookups(&self) -> BTreeSet<LookupKey> {
        let texts = self.accept_missing_lookup.iter();
        texts.flat_map(|text| lookups_named(text)).collect()
    }

    /// The same as options, each behind a blank.
    pub(super) fn as_options(&self) -> String {
        let versions = self.accept_unknown.iter();
        let versions = versions.map(|version| format!(" --accept-unknown {version}"));
        let lookups = self.accept_missing_lookup.iter();
        let lookups = lookups.map(|it| format!(" --accept-missing-lookup {}", quoted(it)));
        versions.chain(lookups).collect()
    }

    /// Refuses consent to what this catalog can't ask for.
    pub(super) fn refuse_impossible(&self, catalog: &Catalog) -> Result<(), Failure> {
        for version in &self.accept_unknown {
            expect_version("--accept-unknown", *version, catalog)?;
        }
        // To know the tables, all steps are read.
        if self.accept_missing_lookup.is_empty() {
            return Ok(());
        }
        let Some(tables) = catalog.lookup_tables() else {
            return Ok(());
        };
        let is_possible =
            |text: &&String| lookups_named(text).any(|lookup| tables.contains(&*lookup.table));
        if let Some(text) = self
            .accept_missing_lookup
            .iter()
            .find(|it| !is_possible(it))
        {
            let table = text.split('/').next().unwrap_or_default();
            let help = match text::nearest(table, tables.iter().copied()) {
                Some(near) => format!("did you mean {}?", quoted(&text.replacen(table, near, 1))),
                None if tables.is_empty() => "no step asks any".to_owned(),
                None => format!("its steps ask {}", text::some_of(tables, MOST_TABLES)),
            };
            return Err(Failure::Usage(format!(
                "--accept-missing-lookup {}: no step of this catalog asks a lookup table of that name; {help}",
                quoted(text)
            )));
        }
        Ok(())
    }

    /// A warning for each consent that the draft doesn't need. It is no error: a server may have got the answer meanwhile.
    pub(super) fn unused(&self, draft: &Draft) -> Vec<String> {
        let (versions, lookups) = (draft.unknown_versions(), draft.missing_lookups());
        let unused = self.accept_unknown.iter();
        let unused = unused.filter(|version| !versions.contains(version));
        let unused =
            unused.map(|version| format!("--accept-unknown {version}: nothing asked for it"));
        let is_unused = |text: &&String| !lookups_named(text).any(|it| lookups.contains_key(&it));
        let lookups = self.accept_missing_lookup.iter().filter(is_unused);
        let lookups = lookups.map(|text| {
            format!(
                "--accept-missing-lookup {}: nothing asked for it",
                quoted(text)
            )
        });
        unused.chain(lookups).collect()
    }
}

fn parse_accepted(text: &str) -> Result<u32, String> {
    text.parse()
        .map_err(|_| "name each version, with commas between them: 11,12".to_owned())
}

fn parse_lookup(text: &str) -> Result<String, String> {
    if text.contains('/') {
        Ok(text.to_owned())
    } else {
        Err("write it as TABLE/KEY".to_owned())
    }
}

/// The lookups that a text names: a table and a key may both have slashes in them.
fn lookups_named(text: &str) -> impl Iterator<Item = LookupKey> {
    text.match_indices('/').map(|(slash, _)| LookupKey {
        table: text[..slash].to_owned(),
        key: text[slash + 1..].to_owned(),
    })
}
