//! What `store` and its commands take.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  ocl-migrate store init                                        make the project known
  ocl-migrate store put runbook/backup backup.ocl --shape 9     what an import will find
  ocl-migrate store list
  ocl-migrate store lookup put environments Production production
  ocl-migrate store backup state-backup.db")]
pub(in crate::cli) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make the project known to the store: what is put there from then on is all there is to import
    #[command(
        after_long_help = "Examples:\n  ocl-migrate store init\n  ocl-migrate --project shop store init"
    )]
    Init,
    /// The projects with their versions, and what the store holds of each
    #[command(
        after_long_help = "Examples:\n  ocl-migrate store status\n  ocl-migrate store status --format json"
    )]
    Status,
    /// The project's documents in the table and in the snapshots, and its lookups
    #[command(
        after_long_help = "Examples:\n  ocl-migrate store list\n  ocl-migrate --project shop store list"
    )]
    List,
    /// Put a document into the table
    #[command(
        after_long_help = "Examples:\n  ocl-migrate store put runbook/backup backup.ocl --shape 9\n  export-variables | ocl-migrate store put variables"
    )]
    Put {
        /// Its kind, and in a collection its slug: `runbook/backup`
        #[arg(value_name = "DOC", add = crate::cli::complete::kinds())]
        document: String,
        /// Its text; `-` is the standard input
        #[arg(value_name = "FILE", default_value = "-")]
        file: PathBuf,
        /// The schema version that it conforms to (default: the server version)
        #[arg(long, value_name = "N")]
        shape: Option<u32>,
    },
    /// Print a document of the table
    #[command(
        after_long_help = "Examples:\n  ocl-migrate store get runbook/backup\n  ocl-migrate store get runbook/backup --snapshot 9"
    )]
    Get {
        /// Its kind, and in a collection its slug
        #[arg(value_name = "DOC", add = crate::cli::complete::stored_documents())]
        document: String,
        /// From the snapshot of the import at this version
        #[arg(long, value_name = "N")]
        snapshot: Option<u32>,
    },
    /// Take a document out of the table for good
    #[command(after_long_help = "Examples:\n  ocl-migrate store remove runbook/backup")]
    Remove {
        /// Its kind, and in a collection its slug
        #[arg(value_name = "DOC", add = crate::cli::complete::stored_documents())]
        document: String,
    },
    /// What steps may ask the server
    #[command(
        after_long_help = "Examples:\n  ocl-migrate store lookup put environments Production production\n  ocl-migrate store lookup get environments Production"
    )]
    #[command(subcommand)]
    Lookup(Lookup),
    /// Copy the store into a file, also while it is in use; of a server's database, one project after the other
    #[command(
        after_long_help = "Examples:\n  ocl-migrate store backup state-backup.db\n  ocl-migrate store backup state-backup.db --force"
    )]
    Backup {
        /// The new file, in a folder that exists
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Replace the file if it exists and is a store or empty; no other file is replaced
        #[arg(long)]
        force: bool,
    },
    /// Put a backup in the store's place, and keep beside what it replaces; into a server's database only where that has no other
    /// content
    #[command(
        after_long_help = "Examples:\n  ocl-migrate store restore state-backup.db\n  ocl-migrate store restore state-backup.db --force"
    )]
    Restore {
        /// The backup
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Also replace a file that isn't a store, or is damaged; first stop what uses it
        #[arg(long)]
        force: bool,
    },
    /// Bring the tables of a store to the version of this release; those of a file follow by themselves, a server's by this alone
    #[command(
        after_long_help = "Examples:\n  ocl-migrate --store postgres://ocl@db/ocl store migrate --dry-run\n  ocl-migrate --store postgres://ocl@db/ocl store migrate\n  ocl-migrate --store postgres://ocl@db/ocl store migrate --to 2"
    )]
    Migrate {
        /// Go to this version and no further, for programs of an older release that are still in use (default: the newest)
        #[arg(long, value_name = "N")]
        to: Option<u32>,
        /// Change nothing, and print the statements
        #[arg(long)]
        dry_run: bool,
    },
    /// Compare a server's tables with what they should be, constraint by constraint; look for damage in a file
    #[command(
        after_long_help = "Examples:\n  ocl-migrate --store postgres://ocl@db/ocl store validate\n  ocl-migrate store validate"
    )]
    Validate,
    /// Copy everything from one store into another, and compare both; what an interrupted copy has done stays
    #[command(
        after_long_help = "Examples:\n  ocl-migrate store copy .git/ocl-migrate/state.db postgres://ocl@db/ocl\n  ocl-migrate store copy postgres://ocl@db/ocl state.db"
    )]
    Copy {
        /// The store to read: a file, or an address
        #[arg(value_name = "FROM", value_hint = clap::ValueHint::FilePath)]
        from: PathBuf,
        /// The store to write: made where there is none; a project that it holds already must be the same
        #[arg(value_name = "TO", value_hint = clap::ValueHint::FilePath)]
        to: PathBuf,
    },
    /// Give the project, with all that the store holds of it, to another tenant or another name
    #[command(
        after_long_help = "Examples:\n  ocl-migrate --tenant north --project shop store move --to-tenant south\n  ocl-migrate --project shop store move --to-project store"
    )]
    Move {
        /// The tenant that it is of from then on; an empty name is the tenant without a name
        #[arg(long, value_name = "NAME", required_unless_present = "to_project")]
        to_tenant: Option<String>,
        /// What it is called from then on
        #[arg(long, value_name = "NAME")]
        to_project: Option<String>,
    },
    /// The tenants, with their projects
    #[command(
        after_long_help = "Examples:\n  ocl-migrate store tenants\n  ocl-migrate --store postgres://ocl@db/ocl store tenants --format json"
    )]
    Tenants,
}

#[derive(Debug, Subcommand)]
pub(super) enum Lookup {
    /// Put an answer into a table
    #[command(
        after_long_help = "Examples:\n  ocl-migrate store lookup put environments Production production\n  ocl-migrate store lookup put limits steps 20"
    )]
    Put {
        /// The lookup table
        table: String,
        /// The key
        key: String,
        /// The value: JSON, or else text; `-` reads the standard input, which must be JSON
        value: String,
    },
    /// Print the answer
    #[command(
        after_long_help = "Examples:\n  ocl-migrate store lookup get environments Production"
    )]
    Get {
        /// The lookup table
        table: String,
        /// The key
        key: String,
    },
    /// Put the answers of a JSON file: an object of tables, each an object of keys with their values
    #[command(
        after_long_help = "Examples:\n  ocl-migrate store lookup load lookups.json\n  echo '{\"environments\":{\"Production\":\"production\"}}' | ocl-migrate store lookup load -"
    )]
    Load {
        /// The file; `-` is the standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Take an answer out
    #[command(
        after_long_help = "Examples:\n  ocl-migrate store lookup remove environments Production"
    )]
    Remove {
        /// The lookup table
        table: String,
        /// The key
        key: String,
    },
}
