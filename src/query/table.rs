//! The tables that a query can name, and their columns.

/// A table that a query can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableInfo {
    /// Its name.
    pub name: &'static str,
    /// What a row is.
    pub about: &'static str,
    /// In the order of `SELECT *`; the arguments, which that leaves out, come last.
    pub columns: &'static [ColumnInfo],
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnInfo {
    /// Its name.
    pub name: &'static str,
    /// `TEXT` or `INTEGER`.
    pub type_name: &'static str,
    /// What it holds.
    pub about: &'static str,
    /// Whether a condition on it is pushed down: rows that don't fit aren't made.
    pub pushed: bool,
    /// Whether it is an argument, as in `leaves('v1.0')`: `SELECT *` leaves it out.
    pub argument: bool,
}

const fn text(name: &'static str, about: &'static str) -> ColumnInfo {
    ColumnInfo {
        name,
        type_name: "TEXT",
        about,
        pushed: false,
        argument: false,
    }
}

const fn pushed(name: &'static str, about: &'static str) -> ColumnInfo {
    ColumnInfo {
        pushed: true,
        ..text(name, about)
    }
}

const fn integer(name: &'static str, about: &'static str) -> ColumnInfo {
    ColumnInfo {
        type_name: "INTEGER",
        ..text(name, about)
    }
}

const fn argument(name: &'static str, about: &'static str) -> ColumnInfo {
    ColumnInfo {
        argument: true,
        ..text(name, about)
    }
}

/// What the columns of `refs` are, by their places.
pub(in crate::query) mod refs {
    pub(in crate::query) const NAME: usize = 0;
    pub(in crate::query) const FULL_NAME: usize = 1;
    pub(in crate::query) const COMMIT: usize = 2;
    pub(in crate::query) const ENVIRONMENT: usize = 3;
    pub(in crate::query) const BASE_PATH: usize = 4;
    pub(in crate::query) const VERSION: usize = 5;
    pub(in crate::query) const PENDING: usize = 6;
    pub(in crate::query) const DOCUMENTS: usize = 7;
    pub(in crate::query) const ERROR: usize = 8;
}

/// What the columns of `documents` are, by their places.
pub(in crate::query) mod documents {
    pub(in crate::query) const REF: usize = 0;
    pub(in crate::query) const ENVIRONMENT: usize = 1;
    pub(in crate::query) const DOCUMENT: usize = 2;
    pub(in crate::query) const KIND: usize = 3;
    pub(in crate::query) const SLUG: usize = 4;
    pub(in crate::query) const BASE_PATH: usize = 5;
    pub(in crate::query) const PATH: usize = 6;
    pub(in crate::query) const OUTCOME: usize = 7;
    pub(in crate::query) const ORIGIN: usize = 8;
    pub(in crate::query) const ERROR: usize = 9;
    pub(in crate::query) const REVISION: usize = 10;
}

/// What the columns of `leaves` are, by their places; the first five are those of `documents`.
pub(in crate::query) mod leaves {
    pub(in crate::query) const ADDRESS: usize = 5;
    pub(in crate::query) const VALUE: usize = 6;
    pub(in crate::query) const TYPE: usize = 7;
    pub(in crate::query) const ORIGIN: usize = 8;
    pub(in crate::query) const BASE_PATH: usize = 9;
    pub(in crate::query) const PATH: usize = 10;
    pub(in crate::query) const REVISION: usize = 11;
}

/// What the columns of `effective` are, by their places; the first nine are those of `leaves`.
pub(in crate::query) mod effective {
    pub(in crate::query) const DEFAULT_VALUE: usize = 9;
    pub(in crate::query) const BASE_PATH: usize = 10;
    pub(in crate::query) const PATH: usize = 11;
    pub(in crate::query) const REVISION: usize = 12;
}

/// What the columns of `uses` are, by their places; the first three are those of `documents`.
pub(in crate::query) mod uses {
    pub(in crate::query) const ADDRESS: usize = 3;
    pub(in crate::query) const LINE: usize = 4;
    pub(in crate::query) const KIND: usize = 5;
    pub(in crate::query) const NAME: usize = 6;
    pub(in crate::query) const ROLE: usize = 7;
    pub(in crate::query) const CERTAINTY: usize = 8;
    pub(in crate::query) const BASE_PATH: usize = 9;
    pub(in crate::query) const PATH: usize = 10;
    pub(in crate::query) const REVISION: usize = 11;
}

/// What the columns of `commits` are, by their places.
pub(in crate::query) mod commits {
    pub(in crate::query) const COMMIT: usize = 0;
    pub(in crate::query) const TIME: usize = 1;
    pub(in crate::query) const AUTHOR: usize = 2;
    pub(in crate::query) const EMAIL: usize = 3;
    pub(in crate::query) const COMMITTED: usize = 4;
    pub(in crate::query) const SUBJECT: usize = 5;
    pub(in crate::query) const PARENTS: usize = 6;
    pub(in crate::query) const REVISION: usize = 7;
}

/// What the columns of `changes` are, by their places.
pub(in crate::query) mod changes {
    pub(in crate::query) const COMMIT: usize = 0;
    pub(in crate::query) const DOCUMENT: usize = 1;
    pub(in crate::query) const KIND: usize = 2;
    pub(in crate::query) const SLUG: usize = 3;
    pub(in crate::query) const ADDRESS: usize = 4;
    pub(in crate::query) const CHANGE: usize = 5;
    pub(in crate::query) const OLD: usize = 6;
    pub(in crate::query) const NEW: usize = 7;
    pub(in crate::query) const CAUSE: usize = 8;
    pub(in crate::query) const TIME: usize = 9;
    pub(in crate::query) const AUTHOR: usize = 10;
    pub(in crate::query) const EMAIL: usize = 11;
    pub(in crate::query) const SUBJECT: usize = 12;
    pub(in crate::query) const REVISION: usize = 13;
    pub(in crate::query) const SELECTOR: usize = 14;
}

const REF: ColumnInfo = pushed("ref", "the ref, as `refs.name`");
const ENVIRONMENT: ColumnInfo = pushed("environment", "the environment that the ref is");
const DOCUMENT: ColumnInfo = pushed("document", "its name: kind/slug, or the kind alone");
const KIND: ColumnInfo = pushed("kind", "the document's kind");
const SLUG: ColumnInfo = pushed("slug", "the document's slug; empty for a single document");
const BASE_PATH: ColumnInfo = pushed("base_path", "the folder of the project's documents");
const PATH: ColumnInfo = text("path", "the document's file at the version of the query");
const ORIGIN: ColumnInfo = text(
    "origin",
    "`own`: Git holds the document; `store`: it comes from the store",
);
const ADDRESS: ColumnInfo = pushed("address", "its address in the document");
const VALUE: ColumnInfo = text(
    "value",
    "the value: a string's text, a number as written, `true`, `[]`, `{}`; NULL for null",
);
const TYPE: ColumnInfo = text(
    "type",
    "`string`, `number`, `boolean`, `null`, `list`, `dictionary` or `block`",
);
const REVISION: ColumnInfo = argument(
    "revision",
    "anything that Git resolves, or an environment; without it, every ref of `refs`",
);
const BEGIN: ColumnInfo = argument(
    "revision",
    "where to begin: anything that Git resolves, or an environment; HEAD without it",
);
const COMMIT: ColumnInfo = text("commit", "its id; a word of SQL: write \"commit\"");
const TIME: ColumnInfo = text("time", "the author's time in UTC: `2024-01-31 12:00:00`");
const AUTHOR: ColumnInfo = text("author", "the author's name");
const EMAIL: ColumnInfo = text("email", "the author's address");
const SUBJECT: ColumnInfo = text("subject", "the first line of the message");

pub(in crate::query) const REFS: TableInfo = TableInfo {
    name: "refs",
    about: "a ref and a project in it",
    columns: &[
        pushed(
            "name",
            "without `refs/heads/` or `refs/tags/`, unless two refs would have one name",
        ),
        pushed("full_name", "`refs/heads/main`; NULL where it is no ref"),
        text(
            "commit",
            "the commit it points to; a word of SQL: write \"commit\"",
        ),
        ENVIRONMENT,
        BASE_PATH,
        integer("version", "the schema version; NULL without a project"),
        integer("pending", "the number of steps to the version of the query"),
        integer("documents", "the number of documents"),
        text("error", "why it can't be read"),
    ],
};

pub(in crate::query) const DOCUMENTS: TableInfo = TableInfo {
    name: "documents",
    about: "a document in a ref",
    columns: &[
        REF,
        ENVIRONMENT,
        DOCUMENT,
        KIND,
        SLUG,
        BASE_PATH,
        PATH,
        text(
            "outcome",
            "what migrating makes of it: `unchanged`, `changed`, `imported`, `removed`, `failed`, ...",
        ),
        ORIGIN,
        text("error", "why it can't be read at the version of the query"),
        REVISION,
    ],
};

pub(in crate::query) const LEAVES: TableInfo = TableInfo {
    name: "leaves",
    about: "a value in a document in a ref",
    columns: &[
        REF,
        ENVIRONMENT,
        DOCUMENT,
        KIND,
        SLUG,
        ADDRESS,
        VALUE,
        TYPE,
        ORIGIN,
        BASE_PATH,
        PATH,
        REVISION,
    ],
};

pub(in crate::query) const EFFECTIVE: TableInfo = TableInfo {
    name: "effective",
    about: "a value in a document in a ref, or one that its defaults fill in",
    columns: &[
        REF,
        ENVIRONMENT,
        DOCUMENT,
        KIND,
        SLUG,
        ADDRESS,
        VALUE,
        TYPE,
        text(
            "origin",
            "`own`: Git holds the document; `store`: it comes from the store; `default`: the defaults fill it in",
        ),
        text(
            "default_value",
            "what the defaults say there; NULL where they say nothing, or null",
        ),
        BASE_PATH,
        PATH,
        REVISION,
    ],
};

pub(in crate::query) const USES: TableInfo = TableInfo {
    name: "uses",
    about: "a place in a document in a ref that refers to a thing, or defines one",
    columns: &[
        REF,
        ENVIRONMENT,
        DOCUMENT,
        text(
            "address",
            "the address of the value that holds the name, or of the block that defines the thing; empty for the whole document",
        ),
        integer(
            "line",
            "its line in the document, at the version of the query",
        ),
        pushed(
            "kind",
            "the kind of the thing: `variable`, `environment`, `feed`, ...",
        ),
        pushed("name", "the name as it is written there"),
        text("role", "`definition` or `use`"),
        text(
            "certainty",
            "of a use: `exact`, `template`, `script` or `dynamic`; NULL for a definition",
        ),
        BASE_PATH,
        PATH,
        REVISION,
    ],
};

pub(in crate::query) const COMMITS: TableInfo = TableInfo {
    name: "commits",
    about: "a commit that changed the project's folder",
    columns: &[
        COMMIT,
        TIME,
        AUTHOR,
        EMAIL,
        text("committed", "the committer's time in UTC"),
        SUBJECT,
        integer("parents", "how many commits are right before it"),
        BEGIN,
    ],
};

pub(in crate::query) const CHANGES: TableInfo = TableInfo {
    name: "changes",
    about: "a value that a commit changed; without a condition on `document`, in the documents that the revision has",
    columns: &[
        COMMIT,
        DOCUMENT,
        KIND,
        SLUG,
        pushed("address", "the value's address"),
        text(
            "change",
            "`changed`, `added`, `removed`, `moved` or `respelled`",
        ),
        text("old", "the value before; NULL where there was none"),
        text("new", "the value since; NULL where there is none"),
        text("cause", "`edit`, `migration` or `both`"),
        TIME,
        AUTHOR,
        EMAIL,
        SUBJECT,
        BEGIN,
        argument(
            "selector",
            "follow only what this selects, as `log` does; the whole document without it",
        ),
    ],
};

/// The tables that a query can name, with their columns.
pub const TABLES: [TableInfo; 7] = [REFS, DOCUMENTS, LEAVES, EFFECTIVE, USES, COMMITS, CHANGES];

impl TableInfo {
    /// As SQLite wants it declared.
    pub(in crate::query) fn declaration(&self) -> String {
        let columns = self.columns.iter().map(|column| {
            let hidden = if column.argument { " HIDDEN" } else { "" };
            format!("\"{}\" {}{hidden}", column.name, column.type_name)
        });
        let columns: Vec<String> = columns.collect();
        format!("CREATE TABLE x({})", columns.join(", "))
    }

    /// The column of a name.
    pub(in crate::query) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_where_the_places_say() {
        let at = |table: &TableInfo, name: &str| table.column(name).unwrap();
        assert_eq!(at(&REFS, "name"), refs::NAME);
        assert_eq!(at(&REFS, "full_name"), refs::FULL_NAME);
        assert_eq!(at(&REFS, "commit"), refs::COMMIT);
        assert_eq!(at(&REFS, "environment"), refs::ENVIRONMENT);
        assert_eq!(at(&REFS, "base_path"), refs::BASE_PATH);
        assert_eq!(at(&REFS, "version"), refs::VERSION);
        assert_eq!(at(&REFS, "pending"), refs::PENDING);
        assert_eq!(at(&REFS, "documents"), refs::DOCUMENTS);
        assert_eq!(at(&REFS, "error"), refs::ERROR);
        for table in [DOCUMENTS, LEAVES, EFFECTIVE, USES] {
            assert_eq!(at(&table, "ref"), documents::REF);
            assert_eq!(at(&table, "environment"), documents::ENVIRONMENT);
            assert_eq!(at(&table, "document"), documents::DOCUMENT);
        }
        for table in [DOCUMENTS, LEAVES, EFFECTIVE] {
            assert_eq!(at(&table, "kind"), documents::KIND);
            assert_eq!(at(&table, "slug"), documents::SLUG);
        }
        for table in [LEAVES, EFFECTIVE] {
            assert_eq!(at(&table, "address"), leaves::ADDRESS);
            assert_eq!(at(&table, "value"), leaves::VALUE);
            assert_eq!(at(&table, "type"), leaves::TYPE);
            assert_eq!(at(&table, "origin"), leaves::ORIGIN);
        }
        assert_eq!(at(&DOCUMENTS, "base_path"), documents::BASE_PATH);
        assert_eq!(at(&DOCUMENTS, "path"), documents::PATH);
        assert_eq!(at(&DOCUMENTS, "outcome"), documents::OUTCOME);
        assert_eq!(at(&DOCUMENTS, "origin"), documents::ORIGIN);
        assert_eq!(at(&DOCUMENTS, "error"), documents::ERROR);
        assert_eq!(at(&DOCUMENTS, "revision"), documents::REVISION);
        assert_eq!(at(&LEAVES, "base_path"), leaves::BASE_PATH);
        assert_eq!(at(&LEAVES, "path"), leaves::PATH);
        assert_eq!(at(&LEAVES, "revision"), leaves::REVISION);
        assert_eq!(at(&EFFECTIVE, "default_value"), effective::DEFAULT_VALUE);
        assert_eq!(at(&EFFECTIVE, "base_path"), effective::BASE_PATH);
        assert_eq!(at(&EFFECTIVE, "path"), effective::PATH);
        assert_eq!(at(&EFFECTIVE, "revision"), effective::REVISION);
        assert_eq!(at(&USES, "address"), uses::ADDRESS);
        assert_eq!(at(&USES, "line"), uses::LINE);
        assert_eq!(at(&USES, "kind"), uses::KIND);
        assert_eq!(at(&USES, "name"), uses::NAME);
        assert_eq!(at(&USES, "role"), uses::ROLE);
        assert_eq!(at(&USES, "certainty"), uses::CERTAINTY);
        assert_eq!(at(&USES, "base_path"), uses::BASE_PATH);
        assert_eq!(at(&USES, "path"), uses::PATH);
        assert_eq!(at(&USES, "revision"), uses::REVISION);
        assert_eq!(at(&COMMITS, "commit"), commits::COMMIT);
        assert_eq!(at(&COMMITS, "time"), commits::TIME);
        assert_eq!(at(&COMMITS, "author"), commits::AUTHOR);
        assert_eq!(at(&COMMITS, "email"), commits::EMAIL);
        assert_eq!(at(&COMMITS, "committed"), commits::COMMITTED);
        assert_eq!(at(&COMMITS, "subject"), commits::SUBJECT);
        assert_eq!(at(&COMMITS, "parents"), commits::PARENTS);
        assert_eq!(at(&COMMITS, "revision"), commits::REVISION);
        assert_eq!(at(&CHANGES, "commit"), changes::COMMIT);
        assert_eq!(at(&CHANGES, "document"), changes::DOCUMENT);
        assert_eq!(at(&CHANGES, "kind"), changes::KIND);
        assert_eq!(at(&CHANGES, "slug"), changes::SLUG);
        assert_eq!(at(&CHANGES, "address"), changes::ADDRESS);
        assert_eq!(at(&CHANGES, "change"), changes::CHANGE);
        assert_eq!(at(&CHANGES, "old"), changes::OLD);
        assert_eq!(at(&CHANGES, "new"), changes::NEW);
        assert_eq!(at(&CHANGES, "cause"), changes::CAUSE);
        assert_eq!(at(&CHANGES, "time"), changes::TIME);
        assert_eq!(at(&CHANGES, "author"), changes::AUTHOR);
        assert_eq!(at(&CHANGES, "email"), changes::EMAIL);
        assert_eq!(at(&CHANGES, "subject"), changes::SUBJECT);
        assert_eq!(at(&CHANGES, "revision"), changes::REVISION);
        assert_eq!(at(&CHANGES, "selector"), changes::SELECTOR);
    }
}
