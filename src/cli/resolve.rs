//! `resolve`: settles what a merge by Git left open.

use std::path::{Path, PathBuf};

use crate::catalog::{Catalog, DocumentName};
use crate::git::Repository;
use crate::merge::{MarkedText, OpenPlace, Side};
use crate::ocl::{Document, MAX_BYTES};
use crate::report::ResolvedReport;
use crate::text;
use crate::values::Selected;

use super::complete_open;
use super::doubled::refuse_doubled_names;
use super::failure::{Exit, Failure};
use super::files;
use super::global::{Format, Global, SHORT_LIVED};
use super::merge_driver::{OneSided, git, heads, mixed_shapes, versions_apart};
use super::output::Output;
use super::unmerged::{Unmerged, other_markers};
use super::wanted::Wanted;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate resolve                                         what is open, and where
  ocl-migrate resolve --theirs 'step[\"deploy\"].retries'       one value as theirs has it
  ocl-migrate resolve .octopus/variables.ocl --ours '**' --stage
  ocl-migrate resolve --stage                                 after editing: check and stage

Exit code 1 while something is open.")]
pub(super) struct Arguments {
    /// Files (default: those that Git has as not merged; and, once these are, those that the merge took in the shape of another
    /// version)
    #[arg(value_name = "PATH", value_hint = clap::ValueHint::FilePath, add = complete_open::unmerged())]
    paths: Vec<PathBuf>,
    /// Settle what is open at and below this address as our side has it; `**` is all of it. Where several fit, the one of more names counts
    #[arg(long, value_name = "ADDRESS", add = complete_open::addresses())]
    ours: Vec<String>,
    /// The same, as their side has it
    #[arg(long, value_name = "ADDRESS", add = complete_open::addresses())]
    theirs: Vec<String>,
    /// The same, as the commit has it that both come from
    #[arg(long, value_name = "ADDRESS", add = complete_open::addresses())]
    base: Vec<String>,
    /// Stage what is settled, as `git add` does
    #[arg(long)]
    stage: bool,
}

pub(super) fn run(
    global: &Global,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let repository = global.repository(SHORT_LIVED)?;
    let Some(root) = repository.work_dir() else {
        return Err(Failure::Usage(
            "a bare repository has no files to resolve".into(),
        ));
    };
    let context = Context {
        global,
        repository: &repository,
        root,
        unmerged: Unmerged::read(&repository)?,
        wanted: Wanted::new([
            (&arguments.ours, Side::Ours),
            (&arguments.theirs, Side::Theirs),
            (&arguments.base, Side::Base),
        ])?,
        catalog: &*global.catalog()?,
        stage: arguments.stage,
    };
    let paths: Vec<(PathBuf, String)> = if arguments.paths.is_empty() {
        let names = context.unmerged.paths();
        names
            .map(|name| (root.join(name), name.to_owned()))
            .collect()
    } else {
        let given = arguments.paths.iter();
        given
            .map(|path| (path.clone(), path.display().to_string()))
            .collect()
    };
    let mut files = Vec::new();
    // Nothing is written before all of it can be.
    for (path, shown) in paths {
        files.push(File::read(path, shown, &context)?);
    }
    context.wanted.refuse_unused()?;
    let mut is_open = false;
    for file in &mut files {
        file.write(&repository, arguments.stage)?;
        is_open |= !file.open.is_empty();
        file.tell(global, output)?;
    }
    if arguments.paths.is_empty() && !is_open {
        is_open = lift(global, &context, files.len(), output)?;
    }
    Ok(if is_open { Exit::Failure } else { Exit::Done })
}

/// What files are read and settled with.
struct Context<'c> {
    global: &'c Global,
    repository: &'c Repository,
    root: &'c Path,
    unmerged: Unmerged,
    wanted: Wanted,
    catalog: &'c Catalog,
    stage: bool,
}

impl Context<'_> {
    /// Whether only a list is asked for.
    fn only_lists(&self) -> bool {
        self.wanted.is_empty() && !self.stage
    }
}

/// A file in which something was left open.
struct File {
    path: PathBuf,
    /// What it is called in messages.
    shown: String,
    text: Option<String>,
    settled: usize,
    /// Why it is removed, if that settles it.
    goes: Option<String>,
    /// What is open.
    open: Vec<String>,
    is_staged: bool,
}

impl File {
    fn read(path: PathBuf, shown: String, context: &Context<'_>) -> Result<File, Failure> {
        let &Context {
            repository,
            wanted,
            catalog,
            ..
        } = &context;
        let wrong = |message: &str| Failure::Other(format!("{shown}: {message}"));
        let entry = context.unmerged.find(context.root, &path);
        let unsettled = match entry {
            Some((_, stages)) => stages.only_git_settles(repository, &path)?,
            None => None,
        };
        // A file that both sides renamed may have markers too.
        if let Some(unsettled) = &unsettled
            && !has_markers(&path)
        {
            let known = match entry {
                Some((name, stages)) => {
                    let all = context.unmerged.staged();
                    OneSided::of(context.global, repository, (name, stages.ids()), &all)?
                }
                None => None,
            };
            let goes = known.as_ref().filter(|it| it.is_to_go() && context.stage);
            let goes = goes.map(OneSided::why);
            let open = match known {
                _ if goes.is_some() => None,
                Some(known) if known.is_to_go() => {
                    Some(format!("{}: --stage removes it", known.why()))
                }
                Some(known) => Some(known.why()),
                None => Some(unsettled.clone()),
            };
            return Ok(File {
                open: open.into_iter().collect(),
                path,
                shown,
                text: None,
                settled: usize::from(goes.is_some()),
                goes,
                is_staged: false,
            });
        }
        let bytes = files::read(&path)?;
        if bytes.len() > MAX_BYTES {
            return Err(wrong(&format!("it has more than {MAX_BYTES} bytes")));
        }
        let text = String::from_utf8(bytes).map_err(|_| wrong("this is not UTF-8"))?;
        let mut marked = MarkedText::parse(&text).map_err(|error| wrong(&error.to_string()))?;
        let other_markers = match entry {
            Some((name, _)) if marked.open().next().is_none() => {
                other_markers(repository, name, &text)?
            }
            _ => None,
        };
        let mut settled = 0;
        let mut apart = None;
        let selected = wanted.select(&marked, document_at(&path, catalog), catalog);
        marked.settle(|open| {
            let side = side_of(open, wanted, &selected, &mut apart);
            settled += usize::from(side.is_some());
            side
        });
        if let Some(conflicts) = apart {
            return Err(wrong(&format!(
                "{} stand in one place of the text: settle them for one side, or edit the file",
                text::list(conflicts)
            )));
        }
        let mut open: Vec<String> = marked.open().map(told).collect();
        if let Some((name, stages)) = entry
            && !open.is_empty()
            && let Some(apart) = versions_apart(context.global, repository, name, stages.ids())?
        {
            open = vec![apart];
        }
        open.extend(other_markers);
        open.extend(unsettled);
        let after = marked.to_string();
        if open.is_empty()
            && let Some((name, version)) = document_at(&path, catalog)
        {
            let parsed = Document::parse(after.clone(), catalog.dialect_at(version));
            let document = parsed.map_err(|error| Failure::Ocl {
                path: shown.clone(),
                error: Box::new(error),
            })?;
            if context.stage {
                refuse_doubled_names(catalog, &name, &document, &shown)?;
            }
        }
        Ok(File {
            path,
            shown,
            // Written back, markers of Git's may look different.
            text: (settled > 0).then_some(after),
            settled,
            goes: None,
            open,
            is_staged: false,
        })
    }

    fn write(&mut self, repository: &Repository, stage: bool) -> Result<(), Failure> {
        if let Some(text) = &self.text {
            write(&self.path, text.as_bytes())?;
        }
        if stage && self.open.is_empty() {
            match &self.goes {
                Some(_) => in_index(repository, &["rm", "--quiet"], &self.path)?,
                None => add(repository, &self.path)?,
            }
            self.is_staged = true;
        }
        Ok(())
    }

    fn tell(&self, global: &Global, output: &mut Output) -> Result<(), Failure> {
        let path = &self.shown;
        if global.format == Format::Json {
            let (settled, open) = (self.settled, &self.open);
            let report = ResolvedReport::new(path, settled, open, false, self.is_staged);
            output.json(&report.removed(self.goes.is_some()))?;
            return Ok(());
        }
        if let Some(why) = &self.goes {
            let path = text::visible_line(path);
            let why = text::visible_line(why);
            return Ok(output.line(format_args!("{path}: {why}: removed, staged"))?);
        }
        let settled = text::count(self.settled, "place");
        let done = if self.is_staged { ", staged" } else { "" };
        let open = self.open.len();
        let path = text::visible_line(path);
        output.line(format_args!("{path}: {settled} settled, {open} open{done}"))?;
        for open in &self.open {
            output.line(format_args!("    {open}"))?;
        }
        Ok(())
    }
}

/// Whether it is a text with conflict markers.
fn has_markers(path: &Path) -> bool {
    let is_file = std::fs::symlink_metadata(path).is_ok_and(|found| found.is_file());
    let bytes = is_file.then(|| files::try_read(path).ok()).flatten();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let marked = text.and_then(|text| MarkedText::parse(&text).ok());
    marked.is_some_and(|marked| marked.open().next().is_some())
}

/// The side for a place: that asked for, if it is one for all that is open there.
fn side_of(
    open: &OpenPlace,
    wanted: &Wanted,
    selected: &[Selected],
    apart: &mut Option<Vec<String>>,
) -> Option<Side> {
    if open.conflicts.is_empty() {
        // Git wrote the markers itself.
        return wanted.side_of_all();
    }
    let sides: Vec<Option<Side>> = open
        .addresses()
        .map(|address| wanted.side(address, selected))
        .collect();
    let first = sides.first().copied().flatten();
    if sides.iter().any(|side| *side != first) {
        apart.get_or_insert_with(|| open.conflicts.clone());
        return None;
    }
    first
}

/// Documents that the merge took from one side as they are, in the shape of another version than its own. Whether any stays so.
fn lift(
    global: &Global,
    context: &Context<'_>,
    resolved: usize,
    output: &mut Output,
) -> Result<bool, Failure> {
    let &Context {
        repository,
        root,
        stage,
        ..
    } = context;
    let mut is_open = false;
    let project = global.open()?;
    if resolved == 0 {
        global.expect_project(&project)?;
    }
    let merged = heads(repository)?;
    if merged.is_empty() {
        return Ok(false);
    }
    if resolved > 0 && !stage {
        output.note("Git knows of it when the files are staged: --stage, or `git add`");
        return Ok(false);
    }
    for mixed in mixed_shapes(&project, &merged)? {
        let text = match &mixed.mended {
            Ok(text) => text,
            Err(_) if mixed.is_removed => {
                return Err(Failure::Other(format!("{mixed}: remove it with `git rm`")));
            }
            Err(_) => return Err(Failure::Other(mixed.to_string())),
        };
        if context.only_lists() {
            is_open = true;
            let would = format!(
                "would go from version {} to {}",
                mixed.written_at, mixed.version
            );
            if global.format == Format::Json {
                let open = [would];
                let report = ResolvedReport::new(&mixed.path, 0, &open, false, false);
                output.json(&report.moved_to(mixed.moves_to.as_deref()))?;
            } else {
                output.line(format_args!("{}: {would}", text::visible_line(&mixed.path)))?;
            }
            continue;
        }
        let from = root.join(&mixed.path);
        let path = mixed.moves_to.as_ref().map(|to| root.join(to));
        if let (Some(path), Some(to)) = (&path, &mixed.moves_to)
            && is_in_the_way(root, path)
        {
            let (shown, to) = (text::visible_line(&mixed.path), text::visible_line(to));
            let message =
                format!("{shown}: it belongs at {to}, and something is there: move that away");
            return Err(Failure::Other(message));
        }
        let staged = git(repository, &["diff", "--name-only", "--", &mixed.path])?;
        if !staged.is_empty() {
            let shown = text::visible_line(&mixed.path).into_owned();
            let message =
                format!("{shown}: it has changes that aren't staged: stage it, or restore it");
            return Err(Failure::Other(message));
        }
        match &path {
            Some(path) => move_to(repository, &from, path, text, stage)?,
            None => {
                write(&from, text)?;
                if stage {
                    add(repository, &from)?;
                }
            }
        }
        if global.format == Format::Json {
            let report = ResolvedReport::new(&mixed.path, 0, &[], true, stage);
            output.json(&report.moved_to(mixed.moves_to.as_deref()))?;
        } else {
            output.line(format_args!(
                "{}{}: from version {} to {}{}",
                text::visible_line(&mixed.path),
                mixed
                    .moves_to
                    .as_ref()
                    .map_or_else(String::new, |to| format!(" -> {}", text::visible_line(to))),
                mixed.written_at,
                mixed.version,
                if stage { ", staged" } else { "" }
            ))?;
        }
    }
    Ok(is_open)
}

/// The document of a path, and the version at which it is read: that of the nearest marker at or above it, which isn't itself a
/// document by a marker further above. `None` for what is no document.
fn document_at(path: &Path, catalog: &Catalog) -> Option<(DocumentName, u32)> {
    let path = std::path::absolute(path).ok()?;
    let markers = path.ancestors().skip(1).filter_map(|folder| {
        let (file, version) = catalog.marker_paths().find_map(|marker| {
            let file = folder.join(marker);
            let text = std::fs::read(&file).ok()?;
            let version = catalog.stated_version(&text, &file.to_string_lossy());
            Some((file, version.ok()?))
        })?;
        Some((folder, file, version))
    });
    let (folder, _, version) = markers.reduce(|inner, outer| {
        let below = inner.1.strip_prefix(outer.0).ok().and_then(Path::to_str);
        match below {
            Some(below) if catalog.has_document_at(below) => outer,
            _ => inner,
        }
    })?;
    let below = path.strip_prefix(folder).ok()?.to_str()?;
    let mut kinds = catalog.kinds().iter();
    let name = kinds.find_map(|kind| {
        let slug = catalog.path_at(kind, version).slug_of(below)?;
        Some(DocumentName::new(&kind.name, slug))
    })?;
    Some((name, version))
}

fn told(open: &OpenPlace) -> String {
    match open.conflicts.as_slice() {
        [] => "markers that Git wrote".into(),
        conflicts => text::list(conflicts),
    }
}

/// Whether something lies at a path, or the way to it leads through a link.
fn is_in_the_way(root: &Path, path: &Path) -> bool {
    let above = path.ancestors().skip(1);
    let mut folders = above.take_while(|folder| *folder != root);
    let is_link = |folder: &Path| folder.symlink_metadata().is_ok_and(|it| it.is_symlink());
    path.symlink_metadata().is_ok() || folders.any(is_link)
}

/// Writes a document where it belongs now, and removes the file that it was in.
fn move_to(
    repository: &Repository,
    from: &Path,
    to: &Path,
    text: &[u8],
    stage: bool,
) -> Result<(), Failure> {
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder).map_err(|error| Failure::of_file(folder, error))?;
    }
    write(to, text)?;
    std::fs::remove_file(from).map_err(|error| Failure::of_file(from, error))?;
    if stage {
        add(repository, to)?;
        add(repository, from)?;
    }
    Ok(())
}

fn add(repository: &Repository, path: &Path) -> Result<(), Failure> {
    in_index(repository, &["add"], path)
}

/// What Git does to a path in the index.
fn in_index(repository: &Repository, command: &[&str], path: &Path) -> Result<(), Failure> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let path = path.to_string_lossy();
    git(repository, &[command, &["--", &path]].concat()).map(drop)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    files::replace(path, bytes).map_err(|error| Failure::of_file(path, error))
}
