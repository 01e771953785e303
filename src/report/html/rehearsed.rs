//! The map of a rehearsal.

use std::collections::BTreeMap;

use super::outcome::{RefEntry, RefOutcome, RefTone};
use super::refs::RefMap;
use crate::catalog::Catalog;
use crate::project::{
    DocumentWarning, RehearsalGroup, RehearsalGroups, RehearsalMember, Rehearsed, RehearsedOutcome,
    Spread,
};
use crate::text::{count, grouped};

/// How many messages an outcome shows at most.
const MOST_MESSAGES: usize = 5;

impl RefMap {
    /// The map of what became of the refs of some repositories, which go by the names given.
    pub fn of_rehearsal(
        catalog: &Catalog,
        names: &[String],
        rehearsed: &[Rehearsed],
        groups: &RehearsalGroups,
    ) -> RefMap {
        let mut map = RefMap::new("rehearse", catalog);
        let repositories = Repositories { names, rehearsed };
        for group in &groups.groups {
            let outcome = repositories.outcome(group);
            for member in &group.members {
                let entry = repositories.entry(*member);
                map.add(outcome.clone(), entry);
            }
        }
        let mut warnings: BTreeMap<String, usize> = BTreeMap::new();
        for project in rehearsed
            .iter()
            .flat_map(Rehearsed::refs)
            .flat_map(|found| found.projects)
        {
            if project.target_version != map.server_version {
                map.target = Some(project.target_version);
            }
            let missing = project.missing_lookups.iter().cloned();
            let missing = missing.map(|lookup| DocumentWarning::MissingLookup(lookup).to_string());
            for warning in project.warnings.iter().cloned().chain(missing) {
                *warnings.entry(warning).or_default() += 1;
            }
        }
        let warnings = warnings
            .into_iter()
            .map(|(warning, times)| format!("{warning} ({})", count(times, "time")));
        map.warnings = warnings.collect();
        map
    }
}

struct Repositories<'r> {
    names: &'r [String],
    rehearsed: &'r [Rehearsed],
}

impl Repositories<'_> {
    fn outcome(&self, group: &RehearsalGroup) -> RefOutcome {
        let (tone, title) = match group.outcome {
            RehearsedOutcome::Failed => (RefTone::Bad, "failed"),
            RehearsedOutcome::Loses => (RefTone::Doubtful, "losing a value"),
            RehearsedOutcome::Changed => (RefTone::Pending, "changed"),
            RehearsedOutcome::Unchanged => (RefTone::Good, "no document changes"),
        };
        // What sets a group apart belongs where it is seen while it is folded.
        let (title, mut details) = match group.traits.as_slice() {
            [] => (title.to_owned(), Vec::new()),
            [one] => (format!("{title}: {one}"), Vec::new()),
            [first, more @ ..] => (
                format!("{title}: {first} and {} more", grouped(more.len())),
                group.traits.clone(),
            ),
        };
        if group.outcome != RehearsedOutcome::Failed && group.changed.most > 0 {
            details.push(format!(
                "Documents that change in each: {}; lines added: {}, removed: {}",
                numbers(group.changed),
                numbers(group.added),
                numbers(group.removed)
            ));
        }
        let moving = RehearsalGroups::moving_markers(group, self.rehearsed);
        if group.outcome == RehearsedOutcome::Unchanged && moving > 0 {
            details.push(format!(
                "The marker states another version then in {}",
                count(moving, "ref")
            ));
        }
        RefOutcome {
            tone,
            version: group.branch_version,
            title,
            details,
            example: self.example(group),
        }
    }

    /// What failed or is lost in the first ref, with its place.
    fn example(&self, group: &RehearsalGroup) -> Option<String> {
        let member = group.members.first()?;
        let found = self.rehearsed[member.repository()].get(member.reference());
        let project = &found.projects[member.project()];
        let failures = project
            .failures
            .iter()
            .map(|failure| failure.message.clone());
        let losses = project.losses.iter();
        let losses = losses.map(|(document, loss)| format!("{document}: {loss}"));
        let all: Vec<String> = failures.chain(losses).collect();
        if all.is_empty() {
            return None;
        }
        let mut text = format!("in {}:\n", found.name);
        text.push_str(&all[..all.len().min(MOST_MESSAGES)].join("\n"));
        if let more @ 1.. = all.len().saturating_sub(MOST_MESSAGES) {
            text.push_str(&format!("\nand {} more", grouped(more)));
        }
        Some(text)
    }

    fn entry(&self, member: RehearsalMember) -> RefEntry {
        let found = self.rehearsed[member.repository()].get(member.reference());
        let project = &found.projects[member.project()];
        RefEntry {
            repository: (self.names.len() > 1).then(|| self.names[member.repository()].clone()),
            name: found.name.to_owned(),
            commit: found.commit.map(|commit| commit.to_string()),
            base_path: project.base_path.clone(),
            version: project.branch_version,
        }
    }
}

fn numbers(spread: Spread) -> String {
    if spread.least == spread.most {
        grouped(spread.most)
    } else {
        format!("{} to {}", grouped(spread.least), grouped(spread.most))
    }
}
