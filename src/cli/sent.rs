//! What a client of the service sends to be written: in the place of files, of the user's own name, and of what a person sees.

use std::fmt;

use crate::git::{ObjectId, Signature};
use crate::project::{CommitError, Draft};

use super::failure::Failure;

/// What is sent to be written.
#[derive(Debug, Default)]
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "nothing serves"))]
pub(super) struct Sent {
    /// Documents and their texts, in the place of those that a command line names.
    pub(super) texts: Vec<(String, Vec<u8>)>,
    /// Who made the change, and their address.
    pub(super) author: Option<(String, String)>,
    /// Where the branch must be.
    pub(super) place: Option<Place>,
}

/// Where a branch must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "nothing serves"))]
pub(super) enum Place {
    At(ObjectId),
    /// It must not exist.
    Absent,
}

impl Sent {
    /// Refuses a draft of another place than the client has seen.
    pub(super) fn expect_place(&self, draft: &Draft) -> Result<(), Failure> {
        let expected = match self.place {
            None => return Ok(()),
            Some(Place::At(commit)) => Some(commit),
            Some(Place::Absent) => None,
        };
        let is_branch = |name: &&str| name.starts_with("refs/heads/");
        // What is no branch is refused by the commit, which knows the branch that may be meant.
        let Some(branch) = draft.ref_name().filter(is_branch) else {
            return Ok(());
        };
        let found = draft.expected();
        if found == expected {
            return Ok(());
        }
        Err(Failure::from(CommitError::BranchMoved {
            branch: branch.to_owned(),
            expected,
            found,
        }))
    }

    /// The author's name and address in the place of the service's own.
    pub(super) fn author(&self, own: Signature) -> Signature {
        match &self.author {
            Some((name, email)) => Signature {
                name: name.clone(),
                email: email.clone(),
                ..own
            },
            None => own,
        }
    }
}

/// A text that is put: of a document, from a file or from what was sent.
pub(super) struct Put<'a> {
    pub(super) document: &'a str,
    pub(super) file: &'a str,
    pub(super) sent: Option<&'a [u8]>,
}

impl<'a> Put<'a> {
    /// Each that a command line names; where something was sent, the texts there, and no file.
    pub(super) fn all(named: &'a [(String, String)], sent: Option<&'a Sent>) -> Vec<Put<'a>> {
        let Some(sent) = sent else {
            let puts = named.iter().map(|(document, file)| Put {
                document,
                file,
                sent: None,
            });
            return puts.collect();
        };
        let puts = sent.texts.iter().map(|(document, text)| Put {
            document,
            // It is in no file: the document's name says which of the texts it is.
            file: document,
            sent: Some(text),
        });
        puts.collect()
    }
}

impl fmt::Display for Put<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.document)
    }
}
