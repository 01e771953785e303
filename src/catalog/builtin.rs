//! The catalog that is built into the binary.
//!
//! Most commands need few of its steps' bodies, and reading all of them takes longer than most commands' work. So the build
//! script reads the attributes of the steps with a `modify` body; the whole file is read, once, when its body is first
//! used. A test compares these steps with those of the folder. What refers to what is read when it is first asked for, too.

use std::path::Path;

use include_dir::{Dir, include_dir};

use super::action::{Action, Body, DeclaredBody, DeclaredModify, Modify};
use super::contracts::CONTRACTS_FOLDER;
use super::load::{Gathered, MISSING, NOT_UTF8, STEP_FILE, StepFolder, with_contract_files};
use super::model::Catalog;
use super::problem::{CatalogError, Problem, SourceFile};
use super::read::{self, CATALOG_FILE};
use super::step::Step;
use super::things::LaterThings;

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/steps");

/// The attributes of a `step.hcl` with a `modify` body.
struct StepHead {
    file: &'static str,
    description: &'static str,
    document: &'static str,
    reads: &'static [&'static str],
    reads_any_shape: bool,
    overwrites: bool,
    not_idempotent: Option<&'static str>,
}

/// In the shipped `catalog.hcl`, what refers to what begins here and is all that follows.
const THINGS: &str = "# What refers to what.";

static HEADS: &[StepHead] = include!(concat!(env!("OUT_DIR"), "/step_heads.rs"));

pub(super) fn catalog() -> Result<Catalog, CatalogError> {
    let mut gathered = Gathered::default();
    // `get_file` searches every folder below, and a step has many cases.
    let mut add = |folder: &Dir<'_>, name: &str| {
        let path = folder.path().join(name).display().to_string();
        let file = folder.files().find(|file| file.path().ends_with(name));
        match file.map(|file| file.contents_utf8()) {
            Some(Some(text)) => gathered.file(path, text),
            Some(None) => gathered.problem(Problem::of_file(path, NOT_UTF8)),
            None => gathered.problem(Problem::of_file(path, MISSING)),
        }
    };
    for folder in FILES.dirs() {
        if folder.path().ends_with(CONTRACTS_FOLDER) {
            continue;
        }
        add(folder, STEP_FILE);
    }
    let mut files = FILES.files();
    let whole = files.find(|file| file.path().ends_with(CATALOG_FILE));
    let whole = whole.and_then(|file| file.contents_utf8());
    let whole = whole.expect("the build has the catalog's file");
    let head = whole.find(THINGS).map_or(whole, |end| &whole[..end]);
    gathered.file(CATALOG_FILE.to_owned(), head);
    let mut catalog = gathered.catalog(step_of)?;
    for file in &mut catalog.files {
        if &*file.path == CATALOG_FILE {
            file.text = whole.into();
            let file = file.clone();
            catalog.things = LaterThings::new(move || read::things(&file));
        }
    }
    let text_of = |path: &str| {
        let folders = FILES
            .dirs()
            .filter(|folder| folder.path().ends_with(CONTRACTS_FOLDER));
        let mut files = folders.flat_map(Dir::files);
        let file = files.find(|file| file.path() == Path::new(path));
        let text = file.ok_or(MISSING)?.contents_utf8();
        Ok(text.ok_or(NOT_UTF8)?.to_owned())
    };
    // All of its contracts are JSON Schemas.
    with_contract_files(catalog, text_of, || Ok(Vec::new()))
}

/// The step of a file, without its body, if its head is known.
fn step_of(file: &SourceFile) -> Option<Step> {
    let head = HEADS.iter().find(|head| *head.file == *file.path)?;
    let folder = StepFolder::parse(file.path.split('/').next()?)?;
    let source = file.clone();
    let body = DeclaredModify::later(move || body_of(&source));
    let action = Action::Modify(body.into());
    let mut step = Step::declared(
        folder.version,
        &folder.name,
        head.document,
        action,
        file.clone(),
    );
    step.description = head.description.to_owned();
    step.reads = head.reads.iter().map(|kind| (*kind).to_owned()).collect();
    step.reads_any_shape = head.reads_any_shape;
    step.overwrites = head.overwrites;
    step.not_idempotent = head.not_idempotent.map(str::to_owned);
    Some(step)
}

/// The body of a step.
fn body_of(file: &SourceFile) -> DeclaredBody {
    let step = read::step(file).expect("a test reads every built-in step");
    let Action::Modify(Modify(Body::Declared(body))) = &step.action else {
        unreachable!("only the heads of `modify` steps are known");
    };
    DeclaredBody {
        selection: body.selection().clone(),
        reverse: step.reverse.get().cloned(),
    }
}
