//! Changes of a tree.

use std::collections::BTreeMap;

use super::error::{Error, Result};
use super::object_id::{ObjectId, ObjectKind};
use super::tree_entries::{EntryKind, raw_entries_of};
use super::writer::Writer;

/// Longer paths are refused: systems can't hold them, and each part is a level of recursion.
const MAX_PATH_BYTES: usize = 4096;

/// Changes by path, one level of it: what becomes of each name.
#[derive(Default)]
struct Edit {
    names: BTreeMap<String, Change>,
}

#[derive(Default)]
struct Change {
    /// What to put at the name itself; `Some(None)` takes away what is there.
    here: Option<Option<(ObjectId, EntryKind)>>,
    below: Edit,
}

/// An entry with its mode as it is written: old trees hold modes that Git writes no more, and those stay.
struct RawEntry {
    mode: Vec<u8>,
    id: ObjectId,
}

impl Writer {
    /// Writes the tree that `base` (none: the empty tree) becomes by `changes`: pairs of a `/`-separated path and what
    /// to put there, or `None` to take away what is there (nothing happens if there is nothing).
    ///
    /// Folders are made as needed, and taken away when they become empty. All other entries keep their name, mode and
    /// order; a file's permission to be run is kept by giving its [`EntryKind`] again.
    ///
    /// # Errors
    /// [`Error::InvalidPath`] for names that `git fsck` refuses (`..`, `.git` in any case, empty ones, ...);
    /// [`Error::TreeClash`] if a file would stand where a folder is, or the other way round, if a folder is to be taken
    /// away as a whole, if two changes have one path, or if an id isn't of the kind it is put there as.
    pub(crate) fn tree<P: AsRef<str>>(
        &self,
        base: Option<ObjectId>,
        changes: &[(P, Option<(ObjectId, EntryKind)>)],
    ) -> Result<ObjectId> {
        let edit = Edit::new(changes)?;
        let tree = edit.apply(self, base)?;
        match tree {
            Some(tree) => Ok(tree),
            None => self.store(ObjectKind::Tree, b""),
        }
    }
}

impl Edit {
    fn new<P: AsRef<str>>(changes: &[(P, Option<(ObjectId, EntryKind)>)]) -> Result<Edit> {
        let mut edit = Edit::default();
        for (path, content) in changes {
            edit.add(path.as_ref(), *content)?;
        }
        Ok(edit)
    }

    fn add(&mut self, path: &str, content: Option<(ObjectId, EntryKind)>) -> Result<()> {
        let mut names = &mut self.names;
        let is_link = content.is_some_and(|(_, kind)| kind == EntryKind::Symlink);
        check_path(path, is_link)?;
        let (folders, name) = match path.rsplit_once('/') {
            Some((folders, name)) => (Some(folders), name),
            None => (None, path),
        };
        for folder in folders.into_iter().flat_map(|folders| folders.split('/')) {
            names = &mut names.entry(folder.to_owned()).or_default().below.names;
        }
        let change = names.entry(name.to_owned()).or_default();
        if change.here.replace(content).is_some() {
            return Err(clash(path, "there are two changes for this path"));
        }
        Ok(())
    }

    /// Writes what `base` becomes; `None` if nothing is left.
    fn apply(&self, writer: &Writer, base: Option<ObjectId>) -> Result<Option<ObjectId>> {
        self.apply_at(writer, base, "")
    }

    fn apply_at(
        &self,
        writer: &Writer,
        base: Option<ObjectId>,
        prefix: &str,
    ) -> Result<Option<ObjectId>> {
        let mut entries = match base {
            Some(tree) => writer.reader().with_object(tree, ObjectKind::Tree, read)?,
            None => BTreeMap::new(),
        };
        for (name, change) in &self.names {
            let path = format!("{prefix}{name}");
            let old = entries.remove(name.as_bytes());
            if let Some(new) = change.apply(writer, old, &path)? {
                entries.insert(name.as_bytes().to_vec(), new);
            }
        }
        if entries.is_empty() {
            return Ok(None);
        }
        writer.store(ObjectKind::Tree, &encode(entries)).map(Some)
    }

    fn only_takes_away(&self) -> bool {
        self.names
            .values()
            .all(|change| !matches!(change.here, Some(Some(_))) && change.below.only_takes_away())
    }
}

impl Change {
    fn apply(
        &self,
        writer: &Writer,
        mut entry: Option<RawEntry>,
        path: &str,
    ) -> Result<Option<RawEntry>> {
        if self.here == Some(None) {
            if entry.as_ref().is_some_and(RawEntry::is_tree) {
                return Err(clash(path, "it is a folder; take away the files in it"));
            }
            entry = None;
        }
        if !self.below.names.is_empty() {
            let folder = match &entry {
                Some(entry) if !entry.is_tree() => {
                    if !self.below.only_takes_away() {
                        return Err(clash(path, "it is a file, and a folder is needed there"));
                    }
                    None
                }
                Some(entry) => Some(Some(entry.id)),
                None => Some(None),
            };
            if let Some(base) = folder {
                let tree = self.below.apply_at(writer, base, &format!("{path}/"))?;
                entry = tree.map(|id| RawEntry::new(id, EntryKind::Tree));
            }
        }
        let Some(Some((id, kind))) = self.here else {
            return Ok(entry);
        };
        if kind != EntryKind::Tree && entry.as_ref().is_some_and(RawEntry::is_tree) {
            return Err(clash(
                path,
                "it is a folder, and a file can't take its place",
            ));
        }
        check_kind(writer, id, kind, path)?;
        Ok(Some(RawEntry::new(id, kind)))
    }
}

impl RawEntry {
    fn new(id: ObjectId, kind: EntryKind) -> RawEntry {
        let mode = kind.mode().as_bytes().to_vec();
        RawEntry { mode, id }
    }

    fn is_tree(&self) -> bool {
        EntryKind::from_mode(&self.mode) == Some(EntryKind::Tree)
    }
}

fn read(data: &[u8]) -> Result<BTreeMap<Vec<u8>, RawEntry>, String> {
    let mut entries = BTreeMap::new();
    for entry in raw_entries_of(data) {
        let (mode, name, id) = entry?;
        let mode = mode.to_vec();
        if entries
            .insert(name.to_vec(), RawEntry { mode, id })
            .is_some()
        {
            return Err("it has two entries of one name".to_owned());
        }
    }
    Ok(entries)
}

fn encode(entries: BTreeMap<Vec<u8>, RawEntry>) -> Vec<u8> {
    let mut entries: Vec<_> = entries.into_iter().collect();
    entries.sort_by(|(a, x), (b, y)| gix::objs::tree::name_order(a, x.is_tree(), b, y.is_tree()));
    let mut data = Vec::new();
    for (name, entry) in entries {
        data.extend_from_slice(&entry.mode);
        data.push(b' ');
        data.extend_from_slice(&name);
        data.push(0);
        data.extend_from_slice(entry.id.as_bytes());
    }
    data
}

fn check_kind(writer: &Writer, id: ObjectId, kind: EntryKind, path: &str) -> Result<()> {
    let expected = match kind {
        EntryKind::Tree => ObjectKind::Tree,
        EntryKind::Blob | EntryKind::Executable | EntryKind::Symlink => ObjectKind::Blob,
        // Its commit is in another repository.
        EntryKind::Submodule => return Ok(()),
    };
    match writer.reader().kind(id)? {
        Some(found) if found == expected => Ok(()),
        Some(found) => Err(clash(path, &format!("{id} is a {found}, not a {expected}"))),
        None => Err(clash(path, &format!("there is no object {id}"))),
    }
}

fn check_path(path: &str, is_link: bool) -> Result<()> {
    use gix::validate::path::component;
    let invalid = |reason| Error::InvalidPath {
        path: path.to_owned(),
        reason,
    };
    if path.len() > MAX_PATH_BYTES {
        return Err(invalid("it is longer than 4096 bytes"));
    }
    let options = component::Options {
        protect_windows: false,
        protect_hfs: true,
        protect_ntfs: true,
    };
    let mut parts = path.split('/').peekable();
    while let Some(part) = parts.next() {
        if part.contains('\0') {
            return Err(invalid("it holds a NUL character"));
        }
        let mode = (is_link && parts.peek().is_none()).then_some(component::Mode::Symlink);
        gix::validate::path::component(part.into(), mode, options).map_err(|error| {
            invalid(match error {
                component::Error::Empty => "it has an empty part",
                component::Error::Relative => "'.' and '..' can't be parts of it",
                component::Error::DotGitDir => {
                    "'.git', in any spelling that a system takes for it, can't be a part of it"
                }
                component::Error::SymlinkedGitModules => "'.gitmodules' can't be a symbolic link",
                _ => "Git refuses such a name",
            })
        })?;
    }
    Ok(())
}

fn clash(path: &str, reason: &str) -> Error {
    Error::TreeClash {
        path: path.to_owned(),
        reason: reason.to_owned(),
    }
}
