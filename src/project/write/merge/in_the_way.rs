//! A file that one side has where the other one has a folder. Git keeps both, the file under a name that it makes up.

use super::error::MergeBranchError;
use crate::engine::join;
use crate::git::{self, EntryKind, ObjectId, Reader, Target};
use crate::merge::Side;
use crate::project::write::merged_in::OtherFile;

/// Such a file.
pub(super) struct InTheWay {
    /// Where it lies, and the folder.
    pub(super) path: String,
    /// How the name begins that Git makes up: the rest of the commit's id follows in its tree.
    made_up: String,
    pub(super) file: (ObjectId, EntryKind),
    pub(super) file_of: Side,
    /// What is there on our side.
    before: Target,
    /// The folder, if that is ours.
    our_folder: Option<ObjectId>,
}

impl InTheWay {
    /// What Git calls a conflict by a path and a message, of the trees of ours and theirs; `None` for another conflict.
    pub(super) fn of(
        reader: &Reader,
        (made_up, message): (&str, &str),
        trees: [Option<ObjectId>; 2],
    ) -> git::Result<Option<InTheWay>> {
        let Some((path, id)) = made_up.rsplit_once('~') else {
            return Ok(None);
        };
        let id: String = id.chars().take_while(char::is_ascii_hexdigit).collect();
        let ([Some(ours), Some(theirs)], true) = (trees, message.contains("(file/directory)"))
        else {
            return Ok(None);
        };
        let (our, their) = (reader.entry(ours, path)?, reader.entry(theirs, path)?);
        let found = our.zip(their).and_then(|(our, their)| {
            let is_folder = [&our, &their].map(|entry| entry.kind == EntryKind::Tree);
            let (file, file_of) = match is_folder {
                [true, false] => (&their, Side::Theirs),
                [false, true] => (&our, Side::Ours),
                _ => return None,
            };
            Some(InTheWay {
                path: path.to_owned(),
                made_up: format!("{path}~{id}"),
                file: (file.id, file.kind),
                file_of,
                before: (!is_folder[0]).then_some((our.id, our.kind)),
                our_folder: is_folder[0].then_some(our.id),
            })
        });
        Ok(found)
    }

    /// Whether a path is the one that Git makes up for the file.
    pub(super) fn is_made_up(&self, path: &str) -> bool {
        path.starts_with(&self.made_up)
    }

    /// Whether a path lies in the folder.
    pub(super) fn holds(&self, path: &str) -> bool {
        let rest = path.strip_prefix(&self.path);
        rest.is_some_and(|rest| rest.starts_with('/'))
    }

    /// The files that change on our side where the file is right.
    pub(super) fn file_alone(&self, reader: &Reader) -> Result<Vec<OtherFile>, MergeBranchError> {
        let mut files = Vec::new();
        for difference in reader.differences(self.our_folder, None)? {
            let Some(below) = difference.path.as_str() else {
                let path = join(&self.path, &difference.path.to_string());
                return Err(MergeBranchError::NotUtf8 { path });
            };
            files.push(OtherFile {
                path: join(&self.path, below),
                before: difference.from,
                after: None,
                content: None,
            });
        }
        if self.before != Some(self.file) {
            files.push(OtherFile {
                path: self.path.clone(),
                before: self.before,
                after: Some(self.file),
                content: None,
            });
        }
        Ok(files)
    }
}
