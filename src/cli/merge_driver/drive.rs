//! One file that both sides of a merge changed, merged for Git.

use std::path::Path;
use std::process::Command;

use crate::catalog::{Catalog, DocumentName};
use crate::merge::{Labels as MarkerLabels, merge_marked};
use crate::ocl::Document;
use crate::project::{
    Befores, DocumentWarning, LoadOptions, Loaded, MergeSide, MergeSides, MergeSidesError, Project,
    failure,
};
use crate::text;

use super::super::consent::Consent;
use super::super::failure::{Exit, Failure, quoted};
use super::super::files;
use super::super::global::{Global, SHORT_LIVED};
use super::super::output::Output;
use super::commits::{Commits, Labels};
use super::instead::{NotRead, instead_of_downward, not_merged, unknown};
use super::marker::{base_path, merged_version, outcome_version};

/// The files that Git gives a driver. What it merged it writes into `ours`.
pub(super) struct Files<'a> {
    pub(super) base: &'a Path,
    pub(super) ours: &'a Path,
    pub(super) theirs: &'a Path,
    /// In the repository.
    pub(super) path: &'a str,
}

/// What stands in the files.
struct Texts {
    base: Vec<u8>,
    ours: Vec<u8>,
    theirs: Vec<u8>,
}

const SIDES: [MergeSide; 3] = [MergeSide::Base, MergeSide::Ours, MergeSide::Theirs];

pub(super) fn merge(
    global: &Global,
    files: &Files<'_>,
    labels: Labels<'_>,
    consent: &Consent,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let repository = global.repository(SHORT_LIVED)?;
    let catalog = global.catalog()?;
    consent.refuse_impossible(&catalog)?;
    if labels.are_empty() && has_markers(files.base)? {
        return Ok(Exit::NotMerged);
    }
    let candidates = labels.candidates(&repository);
    let reader = repository.reader();
    let Some(base_path) = base_path(global, &reader, &catalog, &candidates, files.path)? else {
        if candidates.is_empty() {
            return Err(unknown(files.path, labels));
        }
        return merge_as_git(files, labels);
    };
    let texts = Texts {
        base: files::read(files.base)?,
        ours: files::read(files.ours)?,
        theirs: files::read(files.theirs)?,
    };
    let below = files.path.strip_prefix(&*base_path);
    let below = below.map_or(files.path, |path| path.trim_start_matches('/'));
    if catalog.marker_paths().any(|path| path == below) {
        let version = merged_version(
            &catalog,
            files.path,
            [&texts.base, &texts.ours, &texts.theirs],
        )?;
        write_marker(&catalog, files, &texts, version)?;
        return Ok(Exit::Done);
    }
    let project = global
        .project_in(repository.clone(), catalog)?
        .at(&base_path);
    let mut merges = Vec::new();
    let mut not_read = None;
    for commits in &candidates {
        match Merge::read(&project, commits, &base_path, below, &texts) {
            Ok(Some(merge)) => merges.push(merge),
            Ok(None) => {}
            Err(NotRead::Below { message, target }) => {
                let instead = instead_of_downward(global, &repository, labels, target);
                not_read = Some(not_merged(format!("{message}; {instead}")));
            }
            Err(NotRead::Failed(error)) => not_read = Some(error),
        }
    }
    // Where several commits have these files, it mustn't matter which of them are meant.
    let is_certain = merges
        .windows(2)
        .all(|two| two[0].versions() == two[1].versions());
    match merges.into_iter().next() {
        Some(merge) if is_certain && !merge.is_claimed => merge_as_git(files, labels),
        Some(merge) if is_certain => {
            let (program, accepted) = (global.program_there(), consent.as_options());
            let install = format!("{program} merge-driver --install{accepted}");
            merge.refuse_uncertain(&install, files.path, consent)?;
            merge.write(files, labels, output)
        }
        Some(_) => Err(unknown(files.path, labels)),
        None => Err(not_read.unwrap_or_else(|| unknown(files.path, labels))),
    }
}

/// Whether this is a merge with conflicts that `git rerere` has recorded: it names no commits, and keeps the conflicts where its
/// merge fails.
fn has_markers(file: &Path) -> Result<bool, Failure> {
    let text = files::read(file)?;
    let mut lines = text.split(|byte| *byte == b'\n');
    Ok(lines.any(|line| line.starts_with(b"<<<<<<<")))
}

/// The document that both sides have, in the commit that they come from, where steps have moved it since: where Git doesn't see that
/// either, it says that both added the file.
fn moved_by_steps(
    sides: &MergeSides,
    [_, ours, theirs]: &[Option<DocumentName>; 3],
    below: &str,
) -> Result<Option<DocumentName>, Failure> {
    let Some(name) = ours.as_ref().filter(|_| ours == theirs) else {
        return Ok(None);
    };
    let base = sides.side(MergeSide::Base);
    if !base.names().any(|known| known == name) {
        return Ok(None);
    }
    let before = base.document(name.as_str())?.path_before.as_deref();
    Ok(before
        .filter(|before| *before != below)
        .map(|_| name.clone()))
}

/// A file, found on the sides of a merge.
struct Merge {
    sides: MergeSides,
    /// The document in base, ours and theirs.
    names: [Option<DocumentName>; 3],
    is_claimed: bool,
}

impl Merge {
    /// The sides; `None` where these commits don't have the files.
    fn read(
        project: &Project,
        commits: &Commits,
        base_path: &str,
        below: &str,
        texts: &Texts,
    ) -> Result<Option<Merge>, NotRead> {
        let Commits { base, ours, theirs } = commits;
        let target = outcome_version(project, base_path, commits)?;
        let sides = project.merge_sides_since(
            &base.to_string(),
            &ours.to_string(),
            &theirs.to_string(),
            LoadOptions { target },
        );
        let sides = sides.map_err(|error| {
            let message = error.to_string();
            match error {
                MergeSidesError::Below { target, .. } => NotRead::Below { message, target },
                _ => NotRead::Failed(not_merged(message)),
            }
        })?;
        let is_claimed = SIDES.iter().any(|side| {
            sides
                .side(*side)
                .paths()
                .any(|(_, before, _)| before == Some(below))
        });
        if !is_claimed {
            let names = [None, None, None];
            return Ok(Some(Merge {
                sides,
                names,
                is_claimed,
            }));
        }
        let mut names = [None, None, None];
        let all = [&texts.base, &texts.ours, &texts.theirs];
        for ((side, bytes), found) in SIDES.into_iter().zip(all).zip(&mut names) {
            *found = named(sides.side(side), below, bytes)?;
            // Git gives an empty file where both sides added it.
            if found.is_none() && !(side == MergeSide::Base && bytes.is_empty()) {
                return Ok(None);
            }
        }
        if names[0].is_none() {
            names[0] = moved_by_steps(&sides, &names, below)?;
        }
        Ok(Some(Merge {
            sides,
            names,
            is_claimed,
        }))
    }

    fn versions(&self) -> [u32; 3] {
        SIDES.map(|side| self.sides.side(side).version().number())
    }

    fn write(
        &self,
        files: &Files<'_>,
        labels: Labels<'_>,
        output: &mut Output,
    ) -> Result<Exit, Failure> {
        let [base, ours, theirs] = [
            self.document(MergeSide::Base)?,
            self.document(MergeSide::Ours)?,
            self.document(MergeSide::Theirs)?,
        ];
        let [Some(ours), Some(theirs)] = [ours, theirs] else {
            return Err(not_merged(format!(
                "{}: at version {} this document isn't there any more: remove it on both sides, or bring both to that version \
                 before merging",
                files.path,
                self.sides.target()
            )));
        };
        let empty = || Document::parse("", ours.dialect());
        let base = match base {
            Some(base) => base,
            None => empty().map_err(|error| Failure::Other(error.to_string()))?,
        };
        let catalog = self.sides.ours().project().catalog();
        let kind = self.names[1].as_ref().map_or("", |name| name.kind());
        let identity = catalog.identity(kind);
        let befores = Befores::of(&self.sides, self.names.each_ref().map(Option::as_ref));
        let [b, o, t] = befores.values([&base, &ours, &theirs], identity);
        let merged = merge_marked(b, o, t, &|_| None, &self.marker_labels(labels));
        let merged = merged.map_err(|error| not_merged(format!("{}: {error}", files.path)))?;
        write(files.ours, merged.text.to_string().as_bytes())?;
        if merged.conflicts.is_empty() {
            return Ok(Exit::Done);
        }
        for conflict in &merged.conflicts {
            output.note(format_args!(
                "{}: {conflict}",
                text::visible_line(files.path)
            ));
        }
        Ok(Exit::Failure)
    }

    fn document(&self, side: MergeSide) -> Result<Option<Document>, Failure> {
        let place = SIDES
            .iter()
            .position(|other| *other == side)
            .unwrap_or_default();
        let Some(name) = &self.names[place] else {
            return Ok(None);
        };
        let loaded = self.sides.side(side);
        let document = loaded.document(name.as_str())?;
        if !document.set_aside.is_empty() {
            return Err(not_merged(format!(
                "{}/{}: values of it have no place at version {}",
                loaded.base_path(),
                document.path,
                self.sides.target()
            )));
        }
        let parsed = loaded.parsed(document, None);
        parsed.map_err(|error| not_merged(failure(loaded, document, &error)))
    }

    /// Refuses what nobody accepted: as for every command that writes.
    fn refuse_uncertain(
        &self,
        install: &str,
        path: &str,
        consent: &Consent,
    ) -> Result<(), Failure> {
        let (versions, lookups) = (consent.versions(), consent.lookups());
        for (side, name) in SIDES.into_iter().zip(&self.names) {
            let loaded = self.sides.side(side);
            let unknown = &loaded.plan().unknown_versions;
            let unknown: Vec<_> = unknown.iter().filter(|it| !versions.contains(it)).collect();
            if !unknown.is_empty() {
                let listed: Vec<String> = unknown.iter().map(ToString::to_string).collect();
                return Err(Failure::Other(format!(
                    "{path}: {} to version {} crosses {}, and nobody knows what these changed: accept that for this repository \
                     with `{install} --accept-unknown {}`",
                    side.name(),
                    self.sides.target(),
                    text::list(listed.iter().map(|version| format!("version {version}"))),
                    listed.join(",")
                )));
            }
            let Some(name) = name else { continue };
            let document = loaded.document(name.as_str())?;
            for warning in loaded.document_warnings(document) {
                if let DocumentWarning::MissingLookup(lookup) = warning
                    && !lookups.contains(&lookup)
                {
                    return Err(Failure::Other(format!(
                        "{path}: the store has no answer to the lookup {}, and nobody accepted the step's own default: \
                         `{install} --accept-missing-lookup {}`",
                        quoted(&format!("{}/{}", lookup.table, lookup.key)),
                        quoted(&format!("{}/{}", lookup.table, lookup.key)),
                    )));
                }
            }
        }
        Ok(())
    }

    fn marker_labels(&self, labels: Labels<'_>) -> MarkerLabels {
        let [base, ours, theirs] = self.versions();
        let label = |label: &str, side: &str, version: u32| {
            let label = if label.is_empty() { side } else { label };
            format!("{label} [version {version}]")
        };
        MarkerLabels {
            base: label(labels.base, "base", base),
            ours: label(labels.ours, "ours", ours),
            theirs: label(labels.theirs, "theirs", theirs),
        }
    }
}

/// The document of a side that has these bytes: at the path that Git names, or elsewhere, where Git follows a rename.
fn named(loaded: &Loaded, below: &str, bytes: &[u8]) -> Result<Option<DocumentName>, Failure> {
    let has = |name: &DocumentName| -> Result<bool, Failure> {
        let document = loaded.document(name.as_str())?;
        Ok(loaded.before(document)?.as_deref() == Some(bytes))
    };
    let there = loaded.paths().find(|(_, before, _)| *before == Some(below));
    if let Some((name, ..)) = there {
        return Ok(has(name)?.then(|| name.clone()));
    }
    for (name, before, _) in loaded.paths() {
        if before.is_some() && has(name)? {
            return Ok(Some(name.clone()));
        }
    }
    Ok(None)
}

/// Writes the marker: as the side has it that states this version.
fn write_marker(
    catalog: &Catalog,
    files: &Files<'_>,
    texts: &Texts,
    version: u32,
) -> Result<(), Failure> {
    let states = |text: &[u8]| catalog.stated_version(text, files.path) == Ok(version);
    if !states(&texts.ours) {
        write(files.ours, &texts.theirs)?;
    }
    Ok(())
}

/// Merges a file that no kind claims, as Git does without a driver.
fn merge_as_git(files: &Files<'_>, labels: Labels<'_>) -> Result<Exit, Failure> {
    let mut command = Command::new("git");
    command.args(["merge-file", "--quiet"]);
    for label in [labels.ours, labels.base, labels.theirs] {
        command.args(["-L", label]);
    }
    let status = command
        .args([files.ours, files.base, files.theirs])
        .status()
        .map_err(|error| Failure::Other(format!("`git merge-file` can't be run: {error}")))?;
    match status.code() {
        Some(0) => Ok(Exit::Done),
        Some(1..=127) => Ok(Exit::Failure),
        _ => Err(Failure::Other(format!(
            "{}: `git merge-file` failed: {status}",
            files.path
        ))),
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, bytes).map_err(|error| Failure::File {
        path: path.display().to_string(),
        error,
    })
}
