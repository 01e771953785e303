//! Effects of imports: what a server's code does once, in the commit that first persists an import.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::store::{self, ProjectKey, RecordedEffect, Row, WriteTransaction};

/// What a server's code does once for an import: other tables of its database refer to rows that are about to leave it, say, and have
/// to refer to the documents in Git from then on.
///
/// An import names it (`effect = "update_references"`), and [`ProjectBuilder::effect`](crate::project::ProjectBuilder::effect)
/// registers it. It runs in the commit that first persists the import, or in the adoption that does, never when something is read
/// and never in a dry run. Its outcome is recorded with the import's snapshot.
///
/// It runs in the store's transaction that takes the import's rows, just before that; the branch moves afterwards, and then the
/// transaction is committed. So what it does on [`EffectRun::connection`] happens exactly once, with the snapshot. Anything else it does,
/// a message to another server say, may happen again: after a crash, or where the branch couldn't be moved.
/// [`EffectRun::may_have_run`] says when that is possible.
///
#[cfg_attr(feature = "sqlite", doc = "```")]
#[cfg_attr(not(feature = "sqlite"), doc = "```ignore")]
/// use ocl_migrate::project::{Effect, EffectFailure, EffectRun};
/// use ocl_migrate::store::rusqlite::Connection;
///
/// struct UpdateReferences;
///
/// impl Effect for UpdateReferences {
///     fn run(&self, run: &mut EffectRun<'_>) -> Result<String, EffectFailure> {
///         let mut updated = 0;
///         let slugs: Vec<&str> = run.rows.iter().map(|row| row.slug.as_str()).collect();
///         let connection = run.connection::<Connection>()?.ok_or("the store isn't in SQLite")?;
///         for slug in slugs {
///             updated += connection.execute(
///                 "UPDATE triggers SET runbook_in_git = ?1, runbook_id = NULL
///                  WHERE runbook_id = (SELECT id FROM runbooks WHERE slug = ?1)",
///                 [slug],
///             )?;
///         }
///         Ok(format!("{updated} triggers refer to Git now"))
///     }
/// }
/// ```
pub trait Effect: Send + Sync {
    /// Does it, and says in one line for people what was done.
    ///
    /// # Errors
    /// Whatever stopped it: the commit is refused then, and nothing of it is there.
    fn run(&self, run: &mut EffectRun<'_>) -> Result<String, EffectFailure>;
}

/// Why an effect failed.
pub type EffectFailure = Box<dyn std::error::Error + Send + Sync>;

impl<F> Effect for F
where
    F: Fn(&mut EffectRun<'_>) -> Result<String, EffectFailure> + Send + Sync,
{
    fn run(&self, run: &mut EffectRun<'_>) -> Result<String, EffectFailure> {
        self(run)
    }
}

/// What an effect is told, and the transaction that it runs in.
pub struct EffectRun<'t> {
    /// The project.
    pub project: &'t ProjectKey,
    /// The kind that is imported.
    pub kind: &'t str,
    /// The version of the import.
    pub import_version: u32,
    /// The rows that are about to leave the table; none if there was nothing to import.
    pub rows: &'t [Row],
    /// The branch that persists the import, by its full name.
    pub branch: &'t str,
    /// The branch's new commit.
    pub commit: &'t str,
    /// Whether it may have run before, and whatever it did outside of the store's transaction may be done.
    pub may_have_run: bool,
    pub(super) transaction: &'t mut dyn WriteTransaction,
}

impl EffectRun<'_> {
    /// The connection of the store's transaction, for the server's other tables in that database: a
    /// `rusqlite::Connection` of a `SqliteStore`, a `postgres::Client` of a store in PostgreSQL, a `mysql::Conn` of one in MariaDB or MySQL (`store::rusqlite`,
    /// `store::postgres_driver` and `store::mysql_driver` are these crates), or what a server's own store gives. None of any other type.
    ///
    /// What runs on it is committed and rolled back with the transaction, and must not do either itself: that is found, and the commit
    /// refused.
    ///
    /// # Errors
    /// Where the database refuses.
    pub fn connection<C: Any>(&mut self) -> Result<Option<&mut C>, store::Error> {
        let connection = self.transaction.connection()?;
        Ok(connection.and_then(|connection| connection.downcast_mut()))
    }
}

/// An import's effect, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ImportEffect {
    /// Its name.
    pub effect: String,
    /// The kind that is imported.
    pub kind: String,
    /// The version of the import.
    pub import_version: u32,
    /// What it said of itself; `None` before that is recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// Whether it was told that it may have run before.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub may_have_run: bool,
    /// Whether this program doesn't have it, and so refuses the commit.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_unknown: bool,
}

impl From<RecordedEffect> for ImportEffect {
    fn from(recorded: RecordedEffect) -> ImportEffect {
        ImportEffect {
            effect: recorded.effect,
            kind: recorded.kind,
            import_version: recorded.import_version,
            outcome: recorded.outcome,
            may_have_run: false,
            is_unknown: false,
        }
    }
}

/// The effects that a server registers, by name.
#[derive(Clone, Default)]
pub(crate) struct Effects(BTreeMap<String, Arc<dyn Effect>>);

impl Effects {
    pub(crate) fn insert(&mut self, name: String, effect: Arc<dyn Effect>) {
        self.0.insert(name, effect);
    }

    pub(crate) fn get(&self, name: &str) -> Option<&dyn Effect> {
        self.0.get(name).map(|effect| &**effect)
    }
}
