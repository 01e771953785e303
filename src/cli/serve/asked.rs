//! What can be asked: commands, with the arguments that parameters become.

/// A command that can be asked for.
pub(super) struct Asked {
    pub(super) command: &'static str,
    /// Names of parameters, each with that of the argument that it becomes; those without an option in their order.
    parameters: &'static [(&'static str, &'static str)],
    /// Further ones, that several commands have.
    shared: &'static [(&'static str, &'static str)],
    pub(super) is_document: bool,
    pub(super) has_page: bool,
    pub(super) writes: bool,
}

const REF: (&str, &str) = ("ref", "revision");
const REFS: (&str, &str) = ("ref", "refs");
const ALL: (&str, &str) = ("all", "all");
const TO: (&str, &str) = ("to", "to");
const DOCUMENT: (&str, &str) = ("document", "document");
const SELECTOR: (&str, &str) = ("selector", "selector");
const DEFAULTS: (&str, &str) = ("defaults", "defaults");
const FIRST_PARENT: (&str, &str) = ("first_parent", "first_parent");
pub(super) const FORM: (&str, &str) = ("as", "form");

const BRANCH: (&str, &str) = ("ref", "branch");
const MESSAGE: (&str, &str) = ("message", "message");
const UNKNOWN: (&str, &str) = ("accept_unknown", "accept_unknown");
const LOOKUP: (&str, &str) = ("accept_missing_lookup", "accept_missing_lookup");
const DRY_RUN: (&str, &str) = ("dry_run", "dry_run");

/// Both sides of a diff stand in one word.
pub(super) const SIDES: [&str; 2] = ["old", "new"];

/// Whether a diff is one from where the new side left the old one.
pub(super) const SINCE_FORK: &str = "since_fork";

/// How a branch is begun, and what is written to it nevertheless, or not at all.
const BEGINNING: [(&str, &str); 7] = [
    ("new", "new"),
    ("from", "from"),
    ("orphan", "orphan"),
    TO,
    UNKNOWN,
    LOOKUP,
    DRY_RUN,
];

impl Asked {
    /// Its parameters.
    pub(super) fn parameters(&self) -> impl Iterator<Item = &'static (&'static str, &'static str)> {
        self.parameters.iter().chain(self.shared)
    }
}

/// The commands. What takes a file, changes only the text for people, or asks for another exit code isn't among their
/// parameters.
pub(super) const ASKED: [Asked; 22] = [
    list("status", true, &[("ref", "revisions"), ALL]),
    document(
        "plan",
        true,
        &[
            REF,
            TO,
            ("branch_version", "branch_version"),
            ("project_version", "project_version"),
        ],
    ),
    document("preview", true, &[REF, TO]),
    document(
        "show",
        false,
        &[REF, ("document", "documents"), ("raw", "raw"), TO],
    ),
    list("rehearse", true, &[("ref", "revisions"), ALL, TO]),
    list(
        "diff",
        true,
        &[
            ("document", "third"),
            ("selector", "fourth"),
            TO,
            ("text", "text"),
        ],
    ),
    list(
        "compare",
        true,
        &[
            DOCUMENT,
            SELECTOR,
            REFS,
            ALL,
            TO,
            DEFAULTS,
            ("overrides", "overrides"),
        ],
    ),
    list(
        "log",
        true,
        &[
            REF,
            DOCUMENT,
            SELECTOR,
            ("limit", "max_count"),
            ("since", "since"),
            ("until", "until"),
            ("migrations", "migrations"),
            FIRST_PARENT,
            TO,
        ],
    ),
    list("blame", true, &[REF, DOCUMENT, FIRST_PARENT, TO]),
    list(
        "applies",
        false,
        &[REF, DOCUMENT, SELECTOR, ("for", "scopes"), TO],
    ),
    list(
        "export",
        false,
        &[
            REF,
            DOCUMENT,
            SELECTOR,
            FORM,
            ("effective", "effective"),
            DEFAULTS,
            TO,
        ],
    ),
    list(
        "uses",
        true,
        &[
            ("thing", "thing"),
            ("kind", "kind"),
            ("unused", "unused"),
            ("undefined", "undefined"),
            REFS,
            ALL,
            TO,
        ],
    ),
    list("check", false, &[REFS, ALL, ("base", "base"), TO, FORM]),
    list(
        "query",
        false,
        &[
            ("sql", "sql"),
            REFS,
            ALL,
            TO,
            DEFAULTS,
            ("csv", "csv"),
            ("explain", "explain"),
            ("tables", "tables"),
            ("timeout", "timeout"),
            ("max_rows", "max_rows"),
            ("memory", "memory"),
        ],
    ),
    document("doctor", false, &[]),
    document("explain", false, &[REF, DOCUMENT, TO]),
    beginning(
        "commit",
        &[
            BRANCH,
            MESSAGE,
            ("put", "put"),
            ("remove", "remove"),
            ("set", "set_json"),
            ("unset", "unset"),
            ("migration_message", "migration_message"),
        ],
    ),
    beginning("upgrade", &[BRANCH, MESSAGE]),
    writing(
        "downgrade",
        &[BRANCH, MESSAGE, TO, UNKNOWN, LOOKUP, DRY_RUN],
    ),
    writing(
        "restore",
        &[
            BRANCH,
            MESSAGE,
            ("from", "from"),
            ("document", "documents"),
            UNKNOWN,
            LOOKUP,
        ],
    ),
    writing(
        "merge",
        &[
            BRANCH,
            MESSAGE,
            ("from", "theirs"),
            ("ours", "ours"),
            ("theirs", "theirs_at"),
            ("follow_renames", "follow_renames"),
            ("no_ff", "no_ff"),
            TO,
            UNKNOWN,
            LOOKUP,
            DRY_RUN,
        ],
    ),
    writing(
        "rename-thing",
        &[
            BRANCH,
            MESSAGE,
            ("kind", "kind"),
            ("old", "old"),
            ("new", "new"),
            UNKNOWN,
            LOOKUP,
            DRY_RUN,
        ],
    ),
];

const fn list(
    command: &'static str,
    has_page: bool,
    parameters: &'static [(&'static str, &'static str)],
) -> Asked {
    Asked {
        command,
        parameters,
        shared: &[],
        is_document: false,
        has_page,
        writes: false,
    }
}

const fn writing(
    command: &'static str,
    parameters: &'static [(&'static str, &'static str)],
) -> Asked {
    Asked {
        writes: true,
        ..document(command, false, parameters)
    }
}

/// One that may begin a branch.
const fn beginning(
    command: &'static str,
    parameters: &'static [(&'static str, &'static str)],
) -> Asked {
    Asked {
        shared: &BEGINNING,
        ..writing(command, parameters)
    }
}

const fn document(
    command: &'static str,
    has_page: bool,
    parameters: &'static [(&'static str, &'static str)],
) -> Asked {
    Asked {
        command,
        parameters,
        shared: &[],
        is_document: true,
        has_page,
        writes: false,
    }
}
