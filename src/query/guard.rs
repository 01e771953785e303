//! A connection that can read the tables, and nothing else.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};

use super::shared::Shared;
use super::table::TABLES;

/// A string or a row of a query may have so many bytes.
pub(super) const LARGEST: i32 = 64 << 20;

/// After about so many instructions of SQLite's machine the time is looked at.
const INSTRUCTIONS: i32 = 1_000;

/// Tables of SQLite's own that only compute.
const COMPUTED: [&str; 2] = ["json_each", "json_tree"];

/// Functions that do more than compute.
const REFUSED_FUNCTIONS: [&str; 3] = ["load_extension", "fts3_tokenizer", "sqlite_log"];

/// What the authorizer refused last.
pub(super) type Refused = Arc<Mutex<Option<String>>>;

/// A connection to an empty database in memory.
pub(super) fn open(
    shared: &Arc<Shared>,
    max_memory: Option<u64>,
) -> rusqlite::Result<(Connection, Refused)> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_in_memory_with_flags(flags)?;
    // Sorts and intermediate results stay in memory.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    if let Some(bytes) = max_memory {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        connection.pragma_update(None, "hard_heap_limit", bytes)?;
    }
    for (setting, value) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        // A name in double quotes that isn't there is an error, and no text.
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE, false),
    ] {
        connection.set_db_config(setting, value)?;
    }
    for (limit, value) in [
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_LENGTH, LARGEST),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, 1 << 20),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 500),
        (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1_000),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 0),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
    ] {
        connection.set_limit(limit, value)?;
    }
    super::virtual_table::register(&connection, shared)?;
    let time = shared.clone();
    connection.progress_handler(INSTRUCTIONS, Some(move || time.is_over()))?;
    let refused = Refused::default();
    let note = refused.clone();
    connection.authorizer(Some(move |context: AuthContext<'_>| {
        match refusal(&context.action) {
            None => Authorization::Allow,
            Some(what) => {
                *note.lock().unwrap_or_else(PoisonError::into_inner) = Some(what);
                Authorization::Deny
            }
        }
    }))?;
    Ok((connection, refused))
}

/// Whether a table is one of those that SQLite itself has.
fn is_of_sqlite(table: &str) -> bool {
    let table = table.to_ascii_lowercase();
    let prefixes = ["sqlite_", "pragma_", "fts", "rtree", "dbstat"];
    prefixes.iter().any(|prefix| table.starts_with(prefix))
}

/// What an action is called that a query must not take; `None` for those that it may take.
fn refusal(action: &AuthAction<'_>) -> Option<String> {
    match action {
        AuthAction::Select | AuthAction::Recursive => None,
        AuthAction::Read {
            table_name,
            column_name,
        } => {
            let is_ours = TABLES.iter().any(|table| table.name == *table_name);
            let may_read = is_ours || COMPUTED.contains(table_name);
            // Without a column, it may be a name that the query itself gives by `WITH`.
            let is_own = column_name.is_empty() && !is_of_sqlite(table_name);
            (!may_read && !is_own).then(|| format!("reading `{table_name}`"))
        }
        AuthAction::Function { function_name } => {
            let is_refused = REFUSED_FUNCTIONS
                .iter()
                .any(|refused| function_name.eq_ignore_ascii_case(refused));
            is_refused.then(|| format!("the function `{function_name}`"))
        }
        AuthAction::Pragma { pragma_name, .. } => Some(format!("`PRAGMA {pragma_name}`")),
        AuthAction::Attach { .. } => Some("attaching a database".into()),
        AuthAction::Detach { .. } => Some("`DETACH`".into()),
        AuthAction::Transaction { .. } | AuthAction::Savepoint { .. } => {
            Some("a transaction".into())
        }
        AuthAction::Insert { .. } | AuthAction::Update { .. } | AuthAction::Delete { .. } => {
            Some("changing a table".into())
        }
        _ => Some("changing the schema".into()),
    }
}
