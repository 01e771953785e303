//! One document, in commit after commit.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use super::at::At;
use super::base::Base;
use super::layout::{GitFile, Layout, content, is_project_within};
use super::load::{LoadOptions, load_base};
use super::loaded::Loaded;
use super::marker::{self, FoundMarker};
use super::session::Session;
use super::source::GitSource;
use crate::catalog::{Action, Catalog, DocumentName, PathPattern, Step};
use crate::engine::{HeldDocument, Lift, document_at};
use crate::git::{self, EntryKind, ObjectId, Reader, Tip};
use crate::project::error::LoadError;
use crate::project::open::Project;

/// Loads one document, in commit after commit. Where nothing else decides what becomes of it, nothing else is listed: in a
/// project of a thousand documents that is most of the work.
pub(crate) struct OneDocument {
    project: Project,
    session: Session,
    base_path: String,
    name: DocumentName,
    target: u32,
    /// By version: whether the document can be loaded alone from there.
    alone: RefCell<HashMap<u32, bool>>,
    /// See [`own_paths`](OneDocument::own_paths); the marker's are the first.
    own_paths: Vec<String>,
    markers: usize,
    /// The marker that was read last, with what lies at each path that one may have.
    marker: RefCell<Option<(Vec<File>, Option<FoundMarker>)>>,
}

/// What lies at a path.
type File = Option<(ObjectId, EntryKind)>;

impl OneDocument {
    /// A document of what was loaded, or one that commits before may have had, at the same version.
    pub(crate) fn new(loaded: &Loaded, name: &DocumentName) -> OneDocument {
        let catalog = loaded.project().catalog();
        let mut own_paths: Vec<String> = catalog.marker_paths().map(str::to_owned).collect();
        let markers = own_paths.len();
        for pattern in patterns(catalog, name.kind()) {
            let path = pattern.path_of(name.slug());
            own_paths.extend(path.ok().filter(|path| !own_paths.contains(path)));
        }
        OneDocument {
            project: loaded.project().with_small_cache(),
            session: loaded.session(),
            base_path: loaded.base_path().to_owned(),
            name: name.clone(),
            target: loaded.plan().target,
            alone: RefCell::default(),
            own_paths,
            markers,
            marker: RefCell::default(),
        }
    }

    /// Every path below the base path that the marker or the document may have, in any version; the marker's first.
    pub(crate) fn own_paths(&self) -> &[String] {
        &self.own_paths
    }

    /// Whether Git holds the document, by what lies at its own paths.
    pub(crate) fn is_held(&self, files: &[File]) -> bool {
        files[self.markers..].iter().any(Option::is_some)
    }

    /// Paths of the documents that steps may read for this one, in any version; of folders, where these are collections.
    pub(crate) fn read_paths(&self) -> Vec<String> {
        let catalog = self.project.catalog();
        let mut kinds = vec![self.name.kind()];
        let mut paths = Vec::new();
        let mut looked_at = 0;
        while let Some(kind) = kinds.get(looked_at).copied() {
            looked_at += 1;
            let steps = reaching(catalog, kind, 0, u32::MAX);
            for read in steps.flat_map(|step| step.read_kinds()) {
                if kinds.contains(&&**read) {
                    continue;
                }
                kinds.push(read);
                for pattern in patterns(catalog, read) {
                    let path = if pattern.is_collection() {
                        pattern.folder()
                    } else {
                        pattern.as_str()
                    };
                    if !paths.iter().any(|known| known == path) {
                        paths.push(path.to_owned());
                    }
                }
            }
        }
        paths
    }

    /// Whether what the document becomes depends on nothing but itself and the marker.
    ///
    /// `files` is what lies at its [own paths](OneDocument::own_paths) in the folder.
    pub(crate) fn depends_on_itself(
        &self,
        folder: Option<ObjectId>,
        files: &[File],
    ) -> Result<bool, LoadError> {
        let marker = folder
            .map(|folder| self.marker(folder, files))
            .transpose()?;
        Ok(marker
            .flatten()
            .is_some_and(|marker| self.is_alone(marker.version)))
    }

    /// The document at the target, in a `Loaded` that may hold no others.
    ///
    /// `files` is what lies at its [own paths](OneDocument::own_paths) in the folder.
    pub(crate) fn load(
        &self,
        tip: Tip,
        folder: Option<ObjectId>,
        files: &[File],
    ) -> Result<Loaded, LoadError> {
        let project = &self.project;
        let layout = self.alone(folder, files)?;
        let Some(layout) = layout else {
            let base = Base {
                path: self.base_path.clone(),
                tree: folder,
            };
            let options = LoadOptions {
                target: Some(self.target),
            };
            return load_base(
                project,
                &self.session,
                At::commit(Some(tip)),
                &base,
                options,
            );
        };
        let layout = Arc::new(layout);
        let source = GitSource::new(project, &self.session, Some(tip), &self.base_path, layout);
        let version = source.version();
        let lift = Lift::new(source, version, self.target)?;
        Ok(Loaded::new(lift, At::commit(Some(tip)), Vec::new()))
    }

    /// Whether a store may have the document.
    pub(crate) fn has_store(&self) -> bool {
        self.project.store().is_some()
    }

    /// The document where no commit is, so that all comes from the store.
    pub(crate) fn load_nothing(&self) -> Result<Loaded, LoadError> {
        let base = Base {
            path: self.base_path.clone(),
            tree: None,
        };
        let options = LoadOptions {
            target: Some(self.target),
        };
        load_base(&self.project, &self.session, At::default(), &base, options)
    }

    /// What lies in the folder, without other documents; `None` where those matter.
    fn alone(&self, folder: Option<ObjectId>, files: &[File]) -> Result<Option<Layout>, LoadError> {
        let catalog = self.project.catalog();
        let Some(folder) = folder else {
            return Ok(None);
        };
        let Some(marker) = self.marker(folder, files)? else {
            return Ok(None);
        };
        let mut layout = Layout::default();
        let version = marker.version;
        layout.held.marker = Some(marker.path.clone());
        layout.marker = Some(marker);
        if !self.is_alone(version) {
            return Ok(None);
        }
        let kind = catalog.kind(self.name.kind());
        let path = kind.map(|kind| catalog.path_at(kind, version).path_of(self.name.slug()));
        let Some(Ok(path)) = path else {
            return Ok(None);
        };
        let (Some(place), Some((kind, name))) = (
            self.own_paths.iter().position(|known| *known == path),
            document_at(catalog, version, &path),
        ) else {
            return Ok(None);
        };
        if name != self.name {
            return Ok(None);
        }
        let Some((id, entry)) = files[place].filter(|(_, entry)| *entry != EntryKind::Tree) else {
            return Ok(Some(layout));
        };
        let is_in_another = |reader: &Reader| is_in_another_project(reader, catalog, folder, &path);
        if path.contains('/') && self.session.git(is_in_another)? {
            return Ok(Some(layout));
        }
        let file = GitFile { id, kind: entry };
        layout.held.documents.push(HeldDocument {
            name,
            kind,
            content: content(file, &path),
            path,
        });
        layout.files.push(file);
        Ok(Some(layout))
    }

    fn marker(&self, folder: ObjectId, files: &[File]) -> Result<Option<FoundMarker>, LoadError> {
        let files = &files[..self.markers];
        if let Some((known, marker)) = &*self.marker.borrow()
            && *known == files
        {
            return Ok(marker.clone());
        }
        let catalog = self.project.catalog();
        let find = |reader: &Reader| marker::find(reader, catalog, &self.base_path, folder);
        let marker = self.session.git(find)??;
        self.marker.replace(Some((files.to_vec(), marker.clone())));
        Ok(marker)
    }

    /// Whether no step between a version and the target brings such documents in, removes or moves them, or reads others for
    /// them.
    fn is_alone(&self, version: u32) -> bool {
        let mut known = self.alone.borrow_mut();
        *known.entry(version).or_insert_with(|| {
            let catalog = self.project.catalog();
            let (from, to) = (version.min(self.target), version.max(self.target));
            to <= catalog.server_version()
                && reaching(catalog, self.name.kind(), from, to).all(|step| {
                    step.read_kinds().is_empty()
                        && matches!(step.action(), Action::Modify(_) | Action::Dialect)
                })
        })
    }
}

/// The paths of a kind, in any version.
fn patterns<'c>(catalog: &'c Catalog, kind: &str) -> impl Iterator<Item = &'c PathPattern> {
    let kind = catalog.kind(kind);
    let below = catalog.steps().iter().map(|step| step.version() - 1);
    let versions = below.chain([catalog.server_version()]);
    versions.filter_map(move |version| Some(catalog.path_at(kind?, version)))
}

/// The steps above a version, up to another, that concern a kind.
fn reaching<'c>(
    catalog: &'c Catalog,
    kind: &'c str,
    from: u32,
    to: u32,
) -> impl Iterator<Item = &'c Step> {
    let steps = catalog.steps().iter();
    let between = steps.filter(move |step| from < step.version() && step.version() <= to);
    between.filter(move |step| step.concerns(kind))
}

/// Whether a folder on the way to a path has a marker of its own.
fn is_in_another_project(
    reader: &Reader,
    catalog: &Catalog,
    base: ObjectId,
    path: &str,
) -> git::Result<bool> {
    for (end, _) in path.match_indices('/') {
        if let Some(folder) = reader.folder(base, &path[..end])?
            && is_project_within(reader, catalog, folder, &path[..end])?
        {
            return Ok(true);
        }
    }
    Ok(false)
}
