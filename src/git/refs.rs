//! Listing refs.

use super::error::{Error, Result};
use super::loose_refs::{self, RefValue};
use super::object_id::{ObjectId, ObjectKind};
use super::reader::{Reader, Tip};
use super::ref_store::Followed;
use super::repository::Repository;

/// Which refs to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RefScope {
    /// `refs/heads/` and `refs/tags/`.
    #[default]
    BranchesAndTags,
    /// `refs/heads/`.
    Branches,
    /// All below `refs/`.
    All,
}

/// A ref and what it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ref {
    /// The full name, `refs/heads/main`.
    pub(crate) name: String,
    /// What it leads to, through symbolic refs and annotated tags.
    pub(crate) target: RefTarget,
}

/// What a ref leads to, through symbolic refs and annotated tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RefTarget {
    /// A commit.
    Commit(ObjectId),
    /// A tree or a blob.
    NotACommit {
        /// Which of them.
        kind: ObjectKind,
    },
    /// Nothing, or nothing that can be read; says why.
    Broken(String),
}

/// Why a ref leads to no commit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum NoTip {
    /// It leads to a tree or a blob.
    NotACommit {
        /// Which of them.
        kind: ObjectKind,
    },
    /// To nothing, or nothing that can be read; says why.
    Broken(String),
}

impl Reader {
    /// The refs of `scope`, sorted by name as `git for-each-ref` sorts them.
    ///
    /// Refs that lead to no commit, and broken ones, are listed as such. Symbolic refs
    /// (`refs/remotes/origin/HEAD`) are listed with the commit they lead to.
    ///
    /// # Errors
    /// If the refs can't be read; a single bad ref is no error.
    pub(crate) fn refs(&self, scope: RefScope) -> Result<Vec<Ref>> {
        let mut refs = Vec::new();
        self.for_each_ref(scope, |name, target| {
            let name = name.to_owned();
            refs.push(Ref { name, target });
            Ok::<(), Error>(())
        })?;
        Ok(refs)
    }

    /// Calls `visit` with each ref's full name and target, in the order of [`refs`](Reader::refs), without building
    /// a list. An error of `visit` ends it. A name that isn't UTF-8 is given with `U+FFFD` for the bad bytes, as broken.
    ///
    /// # Errors
    /// As for [`refs`](Reader::refs), and those of `visit`.
    pub(crate) fn for_each_ref<E: From<Error>>(
        &self,
        scope: RefScope,
        mut visit: impl FnMut(&str, RefTarget) -> Result<(), E>,
    ) -> Result<(), E> {
        self.repository().for_each_value(scope, |name, value| {
            let target = match value {
                Ok(id) => self.peeled_target(id),
                Err(reason) => RefTarget::Broken(reason),
            };
            visit(name, target)
        })
    }

    /// The same, with the trees of the commits: one look at each commit tells both.
    ///
    /// # Errors
    /// As for [`for_each_ref`](Reader::for_each_ref).
    pub(crate) fn for_each_tip<E: From<Error>>(
        &self,
        scope: RefScope,
        mut visit: impl FnMut(&str, Result<Tip, NoTip>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.repository().for_each_value(scope, |name, value| {
            let tip = match value {
                Err(reason) => Err(NoTip::Broken(reason)),
                Ok(id) => self.tip(id).map_err(|error| match error {
                    Error::WrongKind { found, .. } => NoTip::NotACommit { kind: found },
                    error => NoTip::Broken(error.to_string()),
                }),
            };
            visit(name, tip)
        })
    }

    fn peeled_target(&self, id: ObjectId) -> RefTarget {
        match self.peel(id) {
            Ok((id, ObjectKind::Commit)) => RefTarget::Commit(id),
            Ok((_, kind)) => RefTarget::NotACommit { kind },
            Err(error) => RefTarget::Broken(error.to_string()),
        }
    }
}

impl Repository {
    /// The full names of the refs of `scope`, sorted as `git for-each-ref` sorts them. Only names and files are read, no
    /// objects.
    ///
    /// ```no_run
    /// # use std::path::Path;
    /// use ocl_migrate::git::{RefScope, Repository};
    /// let repository = Repository::discover(Path::new("."))?;
    /// for name in repository.ref_names(RefScope::Branches)? {
    ///     println!("{name}"); // refs/heads/main
    /// }
    /// # Ok::<(), ocl_migrate::git::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the refs can't be read; a single bad ref is no error.
    pub fn ref_names(&self, scope: RefScope) -> Result<Vec<String>> {
        let mut names = Vec::new();
        self.for_each_value(scope, |name, _| {
            names.push(name.to_owned());
            Ok::<(), Error>(())
        })?;
        Ok(names)
    }

    /// Calls `visit` with each ref's name and the object it points to, tags followed where `packed-refs` has done so.
    fn for_each_value<E: From<Error>>(
        &self,
        scope: RefScope,
        mut visit: impl FnMut(&str, Result<ObjectId, String>) -> Result<(), E>,
    ) -> Result<(), E> {
        let (folders, prefixes): (&[&str], &[&str]) = match scope {
            RefScope::BranchesAndTags => {
                (&["refs/heads", "refs/tags"], &["refs/heads/", "refs/tags/"])
            }
            RefScope::Branches => (&["refs/heads"], &["refs/heads/"]),
            RefScope::All => (&["refs"], &["refs/"]),
        };
        let refs = self.refs();
        let loose = refs.loose_refs(folders)?;
        let packed = refs.packed_refs()?;

        let mut loose = loose.into_iter().peekable();
        let mut emit = |name: &[u8], value: RefValue| match std::str::from_utf8(name) {
            Ok(name) => visit(name, self.object_of(value)?),
            Err(_) => {
                let reason = "its name is not UTF-8".to_owned();
                visit(&String::from_utf8_lossy(name), Err(reason))
            }
        };
        for packed in prefixes
            .iter()
            .flat_map(|prefix| packed.with_prefix(prefix.as_bytes()))
        {
            while let Some((name, value)) = loose.next_if(|(name, _)| name.as_slice() < packed.name)
            {
                emit(&name, value)?;
            }
            match loose.next_if(|(name, _)| name == packed.name) {
                Some((name, value)) => emit(&name, value)?,
                None => {
                    let (id, peeled) = (packed.id, packed.peeled);
                    emit(packed.name, RefValue::Id { id, peeled })?;
                }
            }
        }
        for (name, value) in loose {
            emit(&name, value)?;
        }
        Ok(())
    }

    /// The object that a ref's value leads to, or why it leads to none.
    fn object_of(&self, value: RefValue) -> Result<Result<ObjectId, String>> {
        Ok(match value {
            RefValue::Broken(reason) => Err(reason),
            RefValue::Id { id, peeled } => Ok(peeled.unwrap_or(id)),
            RefValue::Symbolic(target) => match self.refs().follow(&target)? {
                Some(Followed::Ref {
                    value: RefValue::Id { id, peeled },
                    ..
                }) => Ok(peeled.unwrap_or(id)),
                Some(Followed::Ref {
                    name,
                    value: RefValue::Broken(reason),
                }) => Err(format!("it points to {name}, but {reason}")),
                Some(Followed::Ref { name, .. } | Followed::Missing { name }) => {
                    Err(dangling(&name))
                }
                None => Err(dangling(&target)),
            },
        })
    }
}

/// What `HEAD` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Head {
    /// It names a branch, which may not be there yet.
    Branch,
    /// It names a commit.
    Detached(ObjectId),
    /// Neither: Git takes the folder for no repository. Says why.
    Broken(String),
}

impl Repository {
    /// What `HEAD` says.
    ///
    /// # Errors
    /// If its file can't be read.
    pub(crate) fn head(&self) -> Result<Head> {
        Ok(match self.refs().find("HEAD")? {
            Some(RefValue::Symbolic(name)) if !loose_refs::is_valid_name(name.as_bytes()) => {
                Head::Broken(format!("it points to {name:?}, which can't be a ref"))
            }
            Some(RefValue::Symbolic(_)) => Head::Branch,
            Some(RefValue::Id { id, .. }) => Head::Detached(id),
            Some(RefValue::Broken(reason)) => Head::Broken(reason),
            None => Head::Broken("there is no such file".to_owned()),
        })
    }

    /// Whether `HEAD` names a branch that has no commit yet.
    ///
    /// # Errors
    /// If refs can't be read.
    #[cfg(feature = "cli")]
    pub(crate) fn is_unborn(&self) -> Result<bool> {
        let followed = self.refs().follow("HEAD")?;
        Ok(matches!(followed, Some(Followed::Missing { name }) if name.starts_with("refs/heads/")))
    }

    /// Whether a ref names another one.
    pub(crate) fn is_symbolic(&self, name: &str) -> bool {
        matches!(self.refs().find(name), Ok(Some(RefValue::Symbolic(_))))
    }
}

fn dangling(name: &str) -> String {
    format!("it points to {name}, which doesn't exist")
}
