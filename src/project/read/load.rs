//! Loading a ref: finds its project and its version, plans, and warns.

use std::sync::Arc;

use super::at::At;
use super::base::Base;
use super::layout::{Layout, projects_below};
use super::left_out::told_together;
use super::loaded::Loaded;
use super::newer::{Newer, with_newer_marker, with_newer_steps};
use super::session::Session;
use super::source::{GitSource, base_in, layout};
use super::store_view::ImportRows;
use super::suspicious;
use super::warning::Warning;
use super::way_back::come_in_again;
use crate::catalog::DocumentName;
use crate::engine::Lift;
use crate::git::{ObjectId, Reader};
use crate::plan::PlanError;
use crate::project::error::LoadError;
use crate::project::open::Project;

/// How to load a ref.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LoadOptions {
    /// The version to migrate to; the server version, unless said otherwise.
    pub target: Option<u32>,
}

/// Loads a revision.
pub(crate) fn load(
    session: &Session,
    revision: &str,
    options: LoadOptions,
) -> Result<Loaded, LoadError> {
    let at = session.git(|reader| reader.resolve(revision))?.into();
    load_at(session.project(), session, at, options)
}

/// Loads a revision of which a partial clone may have left out documents.
pub(crate) fn load_partly(
    session: &Session,
    revision: &str,
    options: LoadOptions,
) -> Result<Loaded, LoadError> {
    let at = session.git(|reader| reader.resolve(revision))?.into();
    load_partly_at(session, at, options)
}

/// The same for what a revision stands for.
pub(crate) fn load_partly_at(
    session: &Session,
    at: At,
    options: LoadOptions,
) -> Result<Loaded, LoadError> {
    let project = session.project();
    let base = find_base(project, session, &at)?;
    load_base_partly(project, session, at, &base, options)
}

/// Loads what a revision or a name stands for.
pub(crate) fn load_at(
    project: &Project,
    session: &Session,
    at: At,
    options: LoadOptions,
) -> Result<Loaded, LoadError> {
    let base = find_base(project, session, &at)?;
    load_base(project, session, at, &base, options)
}

/// The base path of what a revision or a name stands for, and the version there: 0 without a marker. Nothing is planned.
pub(crate) fn version_at(session: &Session, at: &At) -> Result<(Arc<Base>, u32), LoadError> {
    let project = session.project();
    let base = find_base(project, session, at)?;
    let layout = session.git(|reader| {
        match find_layout(project, session, reader, &base)? {
            Found::Here(layout) => layout,
            // Its marker is where this server doesn't look.
            Found::Newer(newer) => layout(&newer.project, reader, &base),
        }
    })?;
    Ok((base, layout.version()))
}

fn find_base(project: &Project, session: &Session, at: &At) -> Result<Arc<Base>, LoadError> {
    session.git(|reader| {
        let find = |tree| Base::find(reader, tree, choose_base_path(project, reader, tree)?);
        match at.tip {
            Some(tip) => base_in(project, tip.tree, || find(Some(tip.tree)))
                .map_err(|error| told_together(reader, tip.tree, project.folder(), error)),
            None => Ok(Arc::new(find(None)?)),
        }
    })
}

/// Loads one base path, all of whose documents must be there.
pub(crate) fn load_base(
    project: &Project,
    session: &Session,
    at: At,
    base: &Base,
    options: LoadOptions,
) -> Result<Loaded, LoadError> {
    let loaded = load_base_partly(project, session, at, base, options)?;
    loaded.refuse_left_out(loaded.names())?;
    Ok(loaded)
}

/// Loads one base path. What a partial clone left out fails when it is asked for.
fn load_base_partly(
    project: &Project,
    session: &Session,
    at: At,
    base: &Base,
    options: LoadOptions,
) -> Result<Loaded, LoadError> {
    let server = project.catalog().server_version();
    let target = options.target.unwrap_or(server);
    let whole = |error| match at.tip {
        Some(tip) => session.git(|reader| told_together(reader, tip.tree, &base.path, error)),
        None => error,
    };
    let found = session.git(|reader| find_layout(project, session, reader, base));
    let layout = match found.map_err(whole)? {
        Found::Newer(newer) if target <= server => {
            return load_newer(project, &newer, session, at, base, target);
        }
        Found::Newer(newer) => {
            let branch = newer.version;
            return Err(PlanError::BranchAhead { branch, server }.into());
        }
        Found::Here(layout) => layout.map_err(whole)?,
    };
    let source = GitSource::new(project, session, at.tip, &base.path, layout);
    let version = source.version();
    if version > server
        && target <= server
        && let Some(newer) = with_newer_steps(project, session, version)?
    {
        return load_newer(project, &newer, session, at, base, target);
    }
    let lift = Lift::new(source, version, target)?;
    let warnings = warnings(session, &lift)?;
    tracing::debug!(
        ref_name = at.ref_name,
        base_path = base.path,
        branch_version = version,
        target,
        documents = lift.entries().len(),
        "loaded",
    );
    Ok(Loaded::new(lift, at, warnings))
}

/// What lies in a base path.
enum Found {
    Here(Result<Arc<Layout>, LoadError>),
    /// With a marker that only a newer server's steps know.
    Newer(Newer),
}

fn find_layout(
    project: &Project,
    session: &Session,
    reader: &Reader,
    base: &Base,
) -> Result<Found, LoadError> {
    let here = layout(project, reader, base);
    match &here {
        Ok(layout) if layout.marker.is_some() => return Ok(Found::Here(here)),
        Ok(_) | Err(LoadError::DocumentsWithoutMarker { .. }) => {}
        Err(_) => return Ok(Found::Here(here)),
    }
    Ok(match with_newer_marker(project, session, reader, base)? {
        Some(newer) => Found::Newer(newer),
        None => Found::Here(here),
    })
}

/// A branch above the server's version, with a newer server's steps.
fn load_newer(
    project: &Project,
    newer: &Newer,
    session: &Session,
    at: At,
    base: &Base,
    target: u32,
) -> Result<Loaded, LoadError> {
    let options = LoadOptions {
        target: Some(target),
    };
    let loaded = load_base_partly(&newer.project, session, at, base, options)?;
    let server = project.catalog().server_version();
    Ok(loaded.with_newer_steps(server, newer.digest.clone()))
}

fn choose_base_path(
    project: &Project,
    reader: &Reader,
    tree: Option<ObjectId>,
) -> Result<String, LoadError> {
    if let Some(base_path) = project.base_path() {
        return Ok(base_path.to_owned());
    }
    let catalog = project.catalog();
    let folder = match tree {
        Some(tree) => reader.folder(tree, catalog.base_path())?,
        None => None,
    };
    let mut found = match folder {
        Some(folder) => projects_below(reader, catalog, catalog.base_path(), folder)?,
        None => Vec::new(),
    };
    match found.len() {
        0 => Ok(catalog.base_path().to_owned()),
        1 => Ok(found.remove(0).base_path),
        _ => Err(LoadError::SeveralProjects {
            base_paths: found.into_iter().map(|project| project.base_path).collect(),
        }),
    }
}

/// What a reader of the ref should know.
fn warnings(session: &Session, lift: &Lift<GitSource>) -> Result<Vec<Warning>, LoadError> {
    let (plan, source) = (lift.plan(), lift.source());
    let catalog = source.project.catalog();
    let mut warnings = Vec::new();
    let unknown = lift.unknown_imports();
    if let Some(error) = source.shared.unusable() {
        warnings.push(Warning::StoreUnusable {
            reason: error.to_string(),
            kinds: unknown,
        });
    } else if !unknown.is_empty() {
        warnings.extend(without_rows(source, unknown)?);
    }
    let without_past = lift.without_past().iter();
    warnings.extend(without_past.map(|returned| Warning::NothingToBringBack {
        kind: returned.kind.clone(),
        version: returned.version,
    }));
    if let Some(marker) = &source.layout.marker
        && let Some(deprecation) = catalog.deprecation(marker.version)
    {
        warnings.push(Warning::Deprecated {
            version: marker.version,
            deprecation: deprecation.clone(),
        });
    }
    if !plan.unknown_versions.is_empty() {
        let versions = plan.unknown_versions.clone();
        warnings.push(Warning::UnknownVersions { versions });
    }
    let (base_path, layout) = (&source.base_path, &source.layout);
    warnings.extend(session.git(|reader| {
        suspicious::warnings(
            &source.project,
            reader,
            source.tip,
            base_path,
            layout,
            plan.target,
        )
    })?);
    let left_out = plan.undone_imports(catalog);
    let documents: Vec<DocumentName> = left_out.flat_map(|row| row.left_out.clone()).collect();
    if !documents.is_empty() {
        let target = plan.target;
        warnings.push(Warning::LeftOut { documents, target });
    }
    let again = come_in_again(plan, source)?.into_iter();
    warnings.extend(again.map(|again| Warning::ComesInAgain {
        kind: again.kind,
        import: again.import,
        target: plan.target,
        what: again.what,
    }));
    Ok(warnings)
}

/// Why imports bring nothing in.
fn without_rows(source: &GitSource, kinds: Vec<String>) -> Result<Option<Warning>, LoadError> {
    Ok(match source.import_rows(&[])? {
        ImportRows::NoStore => Some(Warning::ImportsUnknown { kinds }),
        ImportRows::UnknownProject => Some(Warning::ProjectUnknown {
            project: source.key().to_string(),
            kinds,
        }),
        ImportRows::Known(_) => None,
    })
}
