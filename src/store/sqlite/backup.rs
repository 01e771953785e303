//! Copies of a store, made and taken back while it is in use.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::SqliteStore;
use super::contents;
use super::files::{self, TemporaryFile};
use super::open;
use super::place::Place;
use super::restored::{Kept, Restored};
use crate::store::error::Error;

const RETRY: Duration = Duration::from_millis(10);

impl SqliteStore {
    /// Copies the store into a file, while it is in use: the copy is one moment, and appears complete or not at
    /// all. It is one plain file, for its owner alone. The store is checked for damage first, as a restore checks the backup.
    ///
    /// # Errors
    /// [`Error::Exists`] if there is a store or an empty file and `overwrite` wasn't asked for, and always where the target is
    /// another store that is in use; [`Error::OwnBackup`] where it is this store; [`Error::NotAStore`] where it is a file of
    /// somebody else's, which is never overwritten. [`Error::Corrupt`] where the store is damaged, and [`Error::File`] where the
    /// target's folder doesn't exist. No file is left then.
    pub fn backup(&self, to: &Path, overwrite: bool) -> Result<(), Error> {
        let target = self.place.named(to.to_owned());
        if same_file(&self.place, &target)? {
            return Err(Error::OwnBackup {
                path: to.to_owned(),
            });
        }
        let path_of = |suffix| files::companion(to, suffix);
        for path in ["-wal", "-journal"].map(path_of) {
            // A store in use, or what one has left behind, which SQLite would apply to the copy.
            if fs::exists(&path).map_err(|error| target.file_error("look for", error))? {
                return Err(Error::Exists { path });
            }
        }
        if fs::exists(to).map_err(|error| target.file_error("look for", error))? {
            // Also where it isn't to be replaced: what can't be is told at once.
            open::ensure_replaceable(&target, self.schemas)?;
            if !overwrite {
                return Err(Error::Exists {
                    path: to.to_owned(),
                });
            }
        }
        files::ensure_parent(to)?;
        let (source, _) = self.pool.reading(&self.place, self.schemas)?;
        open::check_integrity(&self.place, &source, self.schemas)?;
        let temporary = TemporaryFile::beside(to)?;
        // The copy is new: what is wrong with its pages is wrong with the store's.
        write_copy(&target, &source, &temporary).map_err(|error| match error {
            Error::Corrupt { why, .. } => self.place.corrupt(why),
            Error::NotAStore { why, .. } => self.place.not_a_store(why),
            error => error,
        })?;
        temporary.publish(to, overwrite)
    }

    /// Replaces the store's contents by those of a backup, in one transaction: others see either the old or the
    /// new. Makes the store if there is none. What it held until then is kept in a copy beside, with all that was written to it,
    /// unless it is what the backup holds.
    ///
    /// Nothing need be stopped. A commit that is under way finds its intent gone and loads again. But project
    /// versions go back to those of the backup, and branches written since are ahead of the store from then on.
    ///
    /// # Errors
    /// [`Error::NotAStore`], [`Error::Newer`] or [`Error::Corrupt`] if either file can't be used: see
    /// [`SqliteStore::restore_over`].
    pub fn restore(&self, from: &Path) -> Result<Restored, Error> {
        let (origin, source) = self.open_backup(from)?;
        if open::is_present(&self.place)? {
            if same_file(&self.place, &origin)? {
                return Err(Error::OwnBackup {
                    path: from.to_owned(),
                });
            }
            let mut target = open::open_for_writing(&self.place, self.schemas)?;
            // What can be saved of a damaged one would be lost: it isn't copied over.
            open::check_integrity(&self.place, &target, self.schemas)?;
            return self.replace(&origin, &source, &mut target);
        }
        files::create_parent(&self.place.path)?;
        let temporary = TemporaryFile::beside(&self.place.path)?;
        write_copy(&self.place, &source, &temporary)?;
        temporary.publish(&self.place.path, false)?;
        Ok(Restored {
            changed: true,
            kept: None,
        })
    }

    /// The same also where what is in the store's place isn't a store, or is damaged: that is moved beside with its `-wal`, `-shm`
    /// and `-journal`, which SQLite would apply to the new file otherwise.
    ///
    /// Nobody may use such a file meanwhile: a process that has the old file open goes on with that, and what it does when it
    /// closes the file would meet the new one.
    ///
    /// # Errors
    /// [`Error::NotAStore`], [`Error::Newer`] or [`Error::Corrupt`] if the backup can't be used; [`Error::NotAStore`] also where
    /// something else than a file is in the store's place. Everything is left as it was then.
    pub fn restore_over(&self, from: &Path) -> Result<Restored, Error> {
        let (_, source) = self.open_backup(from)?;
        match self.restore(from) {
            Err(error) if error.unusable().is_some() => {}
            done => return done,
        }
        // A link stays, and what it leads to is replaced.
        let place = self.place.named(self.path_of_file());
        let exists = |path: &Path| match fs::symlink_metadata(path) {
            Ok(metadata) => Ok(Some(metadata)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(place.file_error("look for", error)),
        };
        if exists(&place.path)?.is_some_and(|found| !found.is_file()) {
            return Err(place.not_a_store("it is not a file"));
        }
        let temporary = TemporaryFile::beside(&place.path)?;
        write_copy(&place, &source, &temporary)?;
        let aside = files::keep_beside(&place.path)?;
        let is_there = exists(&place.path)?.is_some();
        temporary.publish(&place.path, is_there)?;
        Ok(Restored {
            changed: true,
            kept: Some(aside),
        })
    }

    /// Puts a backup into a store that is there and can be used, after that was copied.
    fn replace(
        &self,
        origin: &Place,
        source: &Connection,
        target: &mut Connection,
    ) -> Result<Restored, Error> {
        let backup = Backup::new(source, target).map_err(self.place.failed("write"))?;
        // Nobody else writes from here on, or what they wrote would be in neither file.
        step(&self.place, &backup, 0)?;
        let (current, _) = self.pool.reading(&self.place, self.schemas)?;
        if contents::are_same((&self.place, &current), (origin, source))? {
            return Ok(Restored {
                changed: false,
                kept: None,
            });
        }
        let known = self.kept_as(&current)?;
        let is_new = known.is_none();
        let aside = known.unwrap_or_else(|| files::name_beside(&self.path_of_file()));
        if is_new {
            let temporary = TemporaryFile::beside(&aside)?;
            write_copy(&self.place, &current, &temporary)?;
            temporary.publish(&aside, false)?;
        }
        drop(current);
        step(&self.place, &backup, ALL).inspect_err(|_| {
            // Nothing was replaced: the copy is of no use.
            if is_new {
                let _ = fs::remove_file(&aside);
            }
        })?;
        Ok(Restored {
            changed: true,
            kept: Some(aside),
        })
    }

    /// What restores have replaced and kept beside the store, in their order. Nothing reads it; whoever has no use for it may delete it.
    ///
    /// # Errors
    /// [`Error::File`] where the store's folder can't be read.
    pub fn kept(&self) -> Result<Vec<Kept>, Error> {
        files::kept_beside(&self.path_of_file())
    }

    /// The copy that an earlier restore has kept, where it holds just what the store does now.
    fn kept_as(&self, current: &Connection) -> Result<Option<PathBuf>, Error> {
        for kept in self.kept()? {
            // One with more files was moved there, and is none of ours.
            let [file] = &*kept.files else {
                continue;
            };
            let place = self.place.named(file.clone());
            let Ok(open) = open::for_reading(&place, self.schemas) else {
                continue;
            };
            let is_same = contents::are_same((&self.place, current), (&place, &open.connection));
            if matches!(is_same, Ok(true)) {
                return Ok(Some(file.clone()));
            }
        }
        Ok(None)
    }

    /// The file itself, where the store's path is a link.
    fn path_of_file(&self) -> PathBuf {
        fs::canonicalize(&self.place.path).unwrap_or(self.place.path.clone())
    }

    /// A backup that is as it should be.
    fn open_backup(&self, from: &Path) -> Result<(Place, Connection), Error> {
        let origin = self.place.named(from.to_owned());
        let source = open::for_reading(&origin, self.schemas)?.connection;
        open::check_integrity(&origin, &source, self.schemas)?;
        Ok((origin, source))
    }
}

/// Writes a copy that needs no `-wal` beside it.
fn write_copy(place: &Place, source: &Connection, temporary: &TemporaryFile) -> Result<(), Error> {
    let mut target = open::open(place, temporary.path(), OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    copy(place, source, &mut target)?;
    let failed = place.failed("write");
    target
        .execute_batch("PRAGMA journal_mode = DELETE")
        .map_err(&failed)?;
    target.close().map_err(|(_, error)| failed(error))
}

/// Copies all pages in one transaction of the target's.
fn copy(place: &Place, source: &Connection, target: &mut Connection) -> Result<(), Error> {
    let failed = place.failed("write");
    target
        .execute_batch("PRAGMA synchronous = FULL")
        .map_err(&failed)?;
    let backup = Backup::new(source, target).map_err(&failed)?;
    step(place, &backup, ALL)
}

/// All of a source's pages.
const ALL: i32 = -1;

/// Copies pages, or none and only excludes other writers of the target; waits for those that are at it.
fn step(place: &Place, backup: &Backup<'_, '_>, pages: i32) -> Result<(), Error> {
    let deadline = Instant::now() + place.busy_timeout;
    loop {
        match backup.step(pages).map_err(place.failed("write"))? {
            StepResult::Done | StepResult::More => return Ok(()),
            _ if Instant::now() >= deadline => return Err(place.locked()),
            _ => std::thread::sleep(RETRY),
        }
    }
}

/// Whether two paths lead to one file, by links of either kind. Opens neither.
fn same_file(one: &Place, other: &Place) -> Result<bool, Error> {
    let (Some(one), Some(other)) = (identity(one)?, identity(other)?) else {
        return Ok(false);
    };
    Ok(one == other)
}

/// What tells a file from all others; none where there is no file.
fn identity(place: &Place) -> Result<Option<impl PartialEq + use<>>, Error> {
    #[cfg(unix)]
    let found = fs::metadata(&place.path).map(|file| {
        use std::os::unix::fs::MetadataExt as _;
        (file.dev(), file.ino())
    });
    #[cfg(not(unix))]
    let found = fs::canonicalize(&place.path);
    match found {
        Ok(identity) => Ok(Some(identity)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(place.file_error("look for", error)),
    }
}
