//! Holds the steps to what the contracts change.
//!
//! Between two contracts of a kind, what went, came as required or changed its type is for a step to carry: in a case or between two
//! snapshots, a document has fewer places after it that the newer contract doesn't allow. That is proof for the documents that are
//! there. Whether a step's `when` leaves out others is for more cases to show.

use super::cases::Case;
use super::report::{Check, Finding, step_name};
use super::snapshots::Snapshots;
use crate::catalog::{Catalog, Problem, Step, Target};
use crate::contract::{Contract, Contracts, Difference, differences};
use crate::ocl::Document;
use crate::text::{count, list};

/// Of so many changes between two contracts each is told.
const MOST_TOLD: usize = 50;

/// Every change that no step carries.
pub(super) fn findings(
    catalog: &Catalog,
    contracts: &Contracts,
    snapshots: &Snapshots,
    cases: &[Case],
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (older, newer) in contracts.successive() {
        // The steps between them are retired.
        if newer.version <= catalog.lowest_version() {
            continue;
        }
        let between = Between {
            catalog,
            older,
            newer,
        };
        between.findings(snapshots, cases, &mut findings);
    }
    findings
}

/// Two contracts of a kind, of which the one follows the other.
struct Between<'c> {
    catalog: &'c Catalog,
    older: &'c Contract,
    newer: &'c Contract,
}

/// A document before a step, or before several, and after; `None` if it is refused.
struct Carried {
    before: Document,
    after: Option<Document>,
}

impl<'c> Between<'c> {
    fn findings(&self, snapshots: &Snapshots, cases: &[Case], findings: &mut Vec<Finding>) {
        // Of the older shape no document is left.
        if self.steps().any(|(_, step)| step.action().begins_or_ends()) {
            return;
        }
        let (older, newer) = (self.older.fields(), self.newer.fields());
        let subject = format!(
            "contracts \"{}\" and \"{}\" of {}",
            self.older.version, self.newer.version, self.newer.kind
        );
        if older.is_cut() || newer.is_cut() {
            let message = "they have too many fields, or hold each other too deeply: not all of them were compared";
            let finding = Finding::new(Check::Agreement, &*subject, message);
            findings.push(finding.into_warning());
        }
        let differences = differences(&older, &newer);
        if differences.is_empty() {
            return;
        }
        let carried = self.carried(snapshots, cases);
        let shows = |it: &Carried, difference: &Difference| {
            let after = it.after.as_ref();
            after.map_or(0, |after| difference.breaks(after)) < difference.breaks(&it.before)
        };
        let open: Vec<&Difference> = differences
            .iter()
            .filter(|difference| !carried.iter().any(|it| shows(it, difference)))
            .collect();
        for difference in open.iter().take(MOST_TOLD) {
            findings.push(self.finding(&subject, difference));
        }
        if open.len() > MOST_TOLD {
            let more = count(open.len() - MOST_TOLD, "more change");
            let message = format!("{more} that no step carries");
            findings.push(Finding::new(Check::Agreement, &*subject, message));
        }
    }

    /// The steps on the kind that lead from the older contract to the newer, by index.
    fn steps(&self) -> impl Iterator<Item = (usize, &'c Step)> {
        let versions = self.older.version + 1..=self.newer.version;
        let steps = self.catalog.steps().iter().enumerate();
        let kind = &self.newer.kind;
        steps.filter(move |(_, step)| {
            versions.contains(&step.version())
                && matches!(step.target(), Target::Kind(name) if name == kind)
        })
    }

    /// What the cases of these steps and the snapshots of these versions show.
    fn carried(&self, snapshots: &Snapshots, cases: &[Case]) -> Vec<Carried> {
        let document = |bytes: &[u8], version| {
            Document::from_bytes(bytes.to_vec(), self.catalog.dialect_at(version)).ok()
        };
        let mut carried = Vec::new();
        for (index, step) in self.steps() {
            for case in cases.iter().filter(|case| case.step == index) {
                let before = case.before();
                let before = before.and_then(|before| document(before, step.version() - 1));
                let after = case.after();
                let after = after.and_then(|after| document(after, step.version()));
                if let Some(before) = before
                    && (after.is_some() || case.is_refused())
                {
                    carried.push(Carried { before, after });
                }
            }
        }
        // That the one becomes the other is held elsewhere.
        let versions: Vec<u32> = snapshots
            .versions()
            .filter(|version| (self.older.version..=self.newer.version).contains(version))
            .collect();
        for pair in versions.windows(2) {
            let &[from, to] = pair else { continue };
            let (Some(older), Some(newer)) = (snapshots.at(from), snapshots.at(to)) else {
                continue;
            };
            for (path, bytes) in older.iter() {
                let Some((kind, slug)) = self.catalog.classify(path, from) else {
                    continue;
                };
                if kind.name != self.newer.kind {
                    continue;
                }
                let Ok(path) = self.catalog.path_at(kind, to).path_of(slug) else {
                    continue;
                };
                let after = newer.get(&path).and_then(|bytes| document(bytes, to));
                if let (Some(before), Some(_)) = (document(bytes, from), &after) {
                    carried.push(Carried { before, after });
                }
            }
        }
        carried
    }

    fn finding(&self, subject: &str, difference: &Difference) -> Finding {
        let (from, to) = (self.older.version + 1, self.newer.version);
        let now = self.newer.place(&difference.newer);
        let mut message = format!(
            "{difference} (before at {}, now at {now})",
            self.older.place(&difference.older)
        );
        let unknown = self.catalog.unknown_versions().range(from..=to);
        let unknown: Vec<u32> = unknown.copied().collect();
        let named = self.steps().find_map(|(_, step)| {
            let place = mention(step, difference.name())?;
            Some(format!("{} ({place})", step_name(step)))
        });
        message += &match (named, self.steps().next()) {
            (Some(named), _) => format!(
                "; {named} names it, but no case and no snapshot has it before and in the newer form after"
            ),
            (None, Some((_, step))) => format!(
                "; no step carries it, not {} ({}) either",
                step_name(step),
                step.file().unwrap_or("in Rust")
            ),
            (None, None) => "; no step carries it".to_owned(),
        };
        if unknown.is_empty() {
            let versions = if from == to {
                format!("version {to}")
            } else {
                format!("one of the versions {from} to {to}")
            };
            message += &format!(
                ". Write a step at {versions} and a case that shows it, or leave the contract as it was"
            );
        } else {
            message += &format!(
                ". What version {} changed isn't known",
                list(unknown.clone())
            );
        }
        let finding = Finding::new(Check::Agreement, subject, message);
        let finding = finding.at(Some(now));
        if unknown.is_empty() {
            finding
        } else {
            finding.into_warning()
        }
    }
}

/// Where a step's file names something, as a word of its own.
fn mention(step: &Step, name: &str) -> Option<String> {
    let source = step.source()?;
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let mut places = source.text.match_indices(name);
    let (at, _) = places.find(|(at, _)| {
        let (before, after) = (&source.text[..*at], &source.text[at + name.len()..]);
        !before.ends_with(is_part) && !after.starts_with(is_part)
    })?;
    Some(Problem::at(source, at..at + name.len(), "").place())
}
