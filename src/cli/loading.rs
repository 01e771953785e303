//! The refs that a command names: what their words stand for, and how they are loaded.

use crate::catalog::DocumentName;
use crate::git::{ErrorKind, check_branch_name};
use crate::project::{LoadError, LoadOptions, Loaded, Project, ReadError, Session, failure};

use super::failure::{Failure, Unread};
use super::global::{Environment, Global};

impl Global {
    /// Refuses to write through an environment: their names come with the repository, and are for reading.
    pub(super) fn expect_branch(&self, project: &Project, branch: &str) -> Result<(), Failure> {
        match self.environment_for(project, branch) {
            Some(Environment { name, revision }) => {
                let resolved = project.repository().reader().resolve(revision).ok();
                let ref_name = resolved.and_then(|resolved| resolved.ref_name);
                Err(Failure::Environment {
                    name: name.clone(),
                    revision: revision.clone(),
                    is_branch: ref_name.is_some_and(|name| check_branch_name(&name).is_ok()),
                })
            }
            None => Ok(()),
        }
    }

    /// The documents of a branch that is written to.
    pub(super) fn load_branch(
        &self,
        project: &Project,
        branch: &str,
        options: LoadOptions,
    ) -> Result<Loaded, Failure> {
        self.expect_branch(project, branch)?;
        let loaded = project.load(branch, options)?;
        self.check_loaded(project, loaded)
    }

    /// The documents of a ref, for reading. An environment's name stands for its ref.
    pub(super) fn load(
        &self,
        project: &Project,
        revision: &str,
        options: LoadOptions,
    ) -> Result<Loaded, Failure> {
        match self.take_loaded(revision, options) {
            Some(loaded) => {
                loaded.refuse_left_out(loaded.names())?;
                self.check_loaded(project, loaded)
            }
            None => self.load_in(&project.session(), revision, options),
        }
    }

    /// The ref of this name, where a service has loaded it.
    fn take_loaded(&self, word: &str, options: LoadOptions) -> Option<Loaded> {
        self.served.as_ref()?.take_loaded(word, options)
    }

    /// The same for single documents, which a word or a path names: nothing else has to be there. Their names are told too.
    pub(super) fn load_documents(
        &self,
        project: &Project,
        revision: &str,
        wanted: &[String],
        options: LoadOptions,
    ) -> Result<(Loaded, Vec<String>), Failure> {
        let loaded = match self.take_loaded(revision, options) {
            Some(loaded) => loaded,
            None => {
                let revision = self.revision(project, revision);
                project.session().load_partly(revision, options)?
            }
        };
        let loaded = self.check_loaded(project, loaded)?;
        let known: Vec<Option<&DocumentName>> =
            wanted.iter().map(|word| loaded.name_of(word)).collect();
        loaded.refuse_left_out(known.iter().copied().flatten())?;
        let names = wanted.iter().zip(known);
        let names = names.map(|(word, known)| known.map_or(word.clone(), ToString::to_string));
        let names = names.collect();
        Ok((loaded, names))
    }

    /// The same for one.
    pub(super) fn load_document(
        &self,
        project: &Project,
        revision: &str,
        wanted: &str,
        options: LoadOptions,
    ) -> Result<(Loaded, String), Failure> {
        let wanted = [wanted.to_owned()];
        let (loaded, names) = self.load_documents(project, revision, &wanted, options)?;
        Ok((loaded, names.concat()))
    }

    /// The same in a session, for commands that look at several refs.
    pub(super) fn load_in(
        &self,
        session: &Session,
        revision: &str,
        options: LoadOptions,
    ) -> Result<Loaded, Failure> {
        let revision = self.revision(session.project(), revision);
        let loaded = session.load(revision, options);
        let loaded = loaded.inspect_err(|_| self.not_loaded.note(revision))?;
        self.check_loaded(session.project(), loaded)
    }

    fn check_loaded(&self, project: &Project, loaded: Loaded) -> Result<Loaded, Failure> {
        if loaded.plan().branch_version == 0 {
            self.check_base_path(project, &[])?;
        }
        Ok(loaded)
    }

    /// The revision that a word stands for: what Git knows by that name, else an environment's.
    pub(super) fn revision<'w>(&'w self, project: &Project, word: &'w str) -> &'w str {
        self.environment_for(project, word)
            .map_or(word, |environment| &environment.revision)
    }

    /// The environment that a word stands for: where Git knows nothing by that name.
    pub(super) fn environment_for(&self, project: &Project, word: &str) -> Option<&Environment> {
        let environment = self.environment(word)?;
        if !self.is_revision(project, word) {
            return Some(environment);
        }
        let commit = |revision| project.repository().resolve(revision).ok();
        if commit(word) != commit(&environment.revision) {
            self.shadowed.add(word);
        }
        None
    }

    /// Every environment with the revision that its name stands for, as that of a word on the command line does.
    pub(super) fn environments_in<'g>(
        &'g self,
        project: &Project,
    ) -> impl Iterator<Item = (&'g str, &'g str)> {
        let environments = self.environments.iter();
        environments.map(|it| (&*it.name, self.revision(project, &it.name)))
    }

    /// The environment of a name.
    pub(super) fn environment(&self, name: &str) -> Option<&Environment> {
        let mut environments = self.environments.iter();
        environments.find(|environment| environment.name == name)
    }

    /// Whether Git knows a word as a name of a commit.
    pub(super) fn is_revision(&self, project: &Project, word: &str) -> bool {
        match project.repository().resolve(word) {
            Ok(_) => true,
            // What is wrong with it is told when it is loaded.
            Err(error) => !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Invalid),
        }
    }

    /// Refuses a base path that somebody mistyped: that neither these revisions have, if they are named, nor any ref. The
    /// repository's own settings may name one before any project is there.
    pub(super) fn check_base_path(
        &self,
        project: &Project,
        revisions: &[String],
    ) -> Result<(), Failure> {
        if self.base_path.is_none() {
            return Ok(());
        }
        let has_it = |revision: &String| {
            let loaded = project.load_migrated(revision);
            loaded.is_ok_and(|loaded| loaded.plan().branch_version > 0)
        };
        if revisions.iter().any(has_it) {
            return Ok(());
        }
        match project.check_base_path() {
            Err(LoadError::NoProjectAt { base_paths, .. })
                if base_paths.is_empty() && self.repository_chose_base_path =>
            {
                Ok(())
            }
            checked => Ok(checked?),
        }
    }

    /// The same for what would silently do nothing where the projects lie elsewhere, whether or not a base path was chosen.
    pub(super) fn expect_project(&self, project: &Project) -> Result<(), Failure> {
        if self.base_path.is_some() {
            return self.check_base_path(project, &[]);
        }
        Ok(project.expect_project()?)
    }
}

/// Why a document of a ref can't be read, with its path and the line.
pub(super) fn failed(loaded: &Loaded, revision: &str, name: &str, error: ReadError) -> Failure {
    match (&error, loaded.document(name)) {
        (ReadError::Load(_), _) | (_, Err(_)) => error.into(),
        (_, Ok(document)) => Failure::Unread(Box::new(Unread {
            revision: Some(revision.to_owned()),
            path: loaded.repository_path(document),
            message: failure(loaded, document, &error),
            error,
        })),
    }
}
