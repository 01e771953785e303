//! The command line's arguments: the global options, and the commands with theirs.

use clap::{Parser, Subcommand};

use super::global::Global;
#[cfg(feature = "serve")]
use super::serve;
use super::{
    adopt, applies, baseline, blame, check, commit, compare, convert, demo, diff, doctor, explain,
    export, fleet, generate, html, log, merge, merge_driver, new, plan, preview, query, rehearse,
    rename_thing, report, resolve, restore, show, snapshot, status, store, uses, verify,
};

/// Migrates configuration documents kept in Git: lazily, in memory, when a ref is read
#[derive(Debug, Parser)]
#[command(
    name = "ocl-migrate",
    version,
    max_term_width = 100,
    after_long_help = "\
Examples:
  ocl-migrate status                       every branch and tag: its version, what is pending
  ocl-migrate preview feature/x            what migrating would change
  ocl-migrate explain main runbook/backup  one document's story
  ocl-migrate upgrade feature/x -m Migrate

Exit codes: 0 done; 1 a failure you can mend; 2 usage; 3 changes are pending, or refs differ
(preview and diff --exit-code); 4 the branch or an import changed meanwhile, try again; 101 a bug.

Settings can be written down, for yourself and in a repository: see docs/configuration.md."
)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
// Only the command that was asked for is defined in full: a third of the time until it begins.
#[command(defer = true)]
pub(super) enum Command {
    /// Show what migrating would change: the plan, and a diff per document
    Preview(preview::Arguments),
    /// Show which steps would run, which would not, and why
    Plan(plan::Arguments),
    /// Print the migrated documents, as OCL or JSON
    Show(show::Arguments),
    /// Show which values really differ between two refs, whatever their versions
    ///
    /// Both sides are lifted to one version first: what only a migration changed is no difference, nor is formatting. `~` is a
    /// value that changed, `+` one that came, `-` one that went, `>` a block that moved where order matters. An address can be
    /// pasted back, in single quotes.
    Diff(diff::Arguments),
    /// Show which values differ between environments, branches or other refs, and who has which
    ///
    /// All refs are lifted to one version first. Environments are names for refs in the repository's own file of settings:
    /// `environment "production" { ref = "release/current" }`.
    Compare(compare::Arguments),
    /// Show who refers to a thing: a variable, an environment, a feed, a runbook
    ///
    /// The catalog declares what refers to what. Each place has its certainty: `exact` where a value is the name, `template` where
    /// `#{Name}` stands in it, `script` where a script asks for it, `dynamic` where a part of the name is known only when the
    /// server runs. Refs are lifted to one version first; a line is one of the document in that version.
    /// The exit code is 0 if the thing is defined or referred to anywhere, else 1.
    Uses(uses::Arguments),
    /// Check documents: what a pull request asks
    ///
    /// Every document is read, lifted to the newest version and held to the contract that the catalog declares for it. Names that
    /// clash are errors too; references that lead nowhere and things that nothing refers to are warnings. Each finding stands at its
    /// line in the file as it was committed. The exit code is 1 if there is an error.
    Check(check::Arguments),
    /// Ask anything of refs, documents, values and their history, in SQL
    ///
    /// The tables are `refs`, `documents`, `leaves`, `effective`, `uses`, `commits` and `changes`; `--tables` lists their columns.
    /// Everything is lifted to one version first. Nothing is stored: a query that names one ref reads one ref. Only SELECT is allowed.
    Query(query::Arguments),
    /// List the commits that changed a document or a value, whatever their versions
    ///
    /// Every commit's document is lifted to one version first: a commit that only migrated changed no value. The selector is one
    /// of that version. Of a merge, only the way is followed on which the value came, as by git log.
    Log(log::Arguments),
    /// Show for every value of a document the commit that gave it
    ///
    /// Every commit's document is lifted to one version first, so that commits which only migrated, moved a block or changed
    /// formatting are looked through. A `^` marks a commit at which the history of a shallow clone ends: it or one before it gave
    /// the value.
    Blame(blame::Arguments),
    /// Show which of several values applies in an environment, or another scope
    ///
    /// For blocks of which one applies, depending on where it is asked for: the values of a variable. What isn't said may decide too: the
    /// values that it would choose instead are told with the types of scope on which they depend.
    Applies(applies::Arguments),
    /// Print the values of a ref as JSON, YAML, TOML, HCL, CSV or environment variables
    ///
    /// Documents are lifted to one version first. Blocks are lists of objects with their labels under `$labels`; dictionaries
    /// are objects, and numbers keep their digits. What a format can't hold is an error with its address, and nothing is written.
    Export(export::Arguments),
    /// List every branch and tag with its version and the number of pending steps
    Status(status::Arguments),
    /// Migrate every ref in memory, and report which change, fail or lose something
    Rehearse(rehearse::Arguments),
    /// Put together what a command found in many repositories, as one table or page
    ///
    /// `status`, `rehearse`, `doctor`, `check`, `uses` and `query` take `--repos`, and with `--shard I/N` a part of them. Their lines of
    /// JSON are read here.
    Report(report::Arguments),
    /// Explain one document: where it came from, what each step did to it, and why other steps didn't run
    Explain(explain::Arguments),
    /// Find problems in the repository, the store and the catalog, and say how to fix them
    ///
    /// With --merges: what is wrong with merges that were made. A finding is a problem as long as a ref has the document as that commit
    /// left it, and a note afterwards.
    Doctor(doctor::Arguments),
    /// Commit a user's change to a branch, with the migration
    ///
    /// Whole documents are put and removed, and single values are set and unset, by addresses in the shape of the version that is
    /// written; the rest of a file stays as it is. An address stands in single quotes, as it has quotes and brackets of its own.
    ///
    /// A branch that is checked out moves with its index and files, by `git` itself; that is refused where a file that the commit
    /// touches has changes of its own, unless it holds what the commit puts there. The commit is signed as `commit.gpgSign`,
    /// `user.signingKey` and `gpg.*` say, by the programs that Git runs for it. Hooks don't run.
    Commit(commit::Arguments),
    /// Commit the migration alone
    ///
    /// Branches that are checked out, signatures and hooks: as for `commit`.
    Upgrade(commit::Upgrade),
    /// Commit a branch at a lower version, with the values it has
    ///
    /// Branches that are checked out, signatures and hooks: as for `commit`.
    Downgrade(commit::Downgrade),
    /// Restore the values that documents had in an old commit, in the branch's shape
    ///
    /// With a selector, one value or block alone, read in that shape too; the rest of the file stays as it is.
    ///
    /// Branches that are checked out, signatures and hooks: as for `commit`.
    Restore(restore::Arguments),
    /// Merge a branch into another, documents value by value, whatever their versions
    ///
    /// Both sides and the commit that they come from are lifted to the highest of their versions first, and merged on the text of the
    /// branch: its formatting, comments and order stay. Files that aren't documents are merged as Git merges them, and the marker is
    /// written as it must be. Where a person must decide something, the conflicts are listed, nothing is written, and the exit code
    /// is 1. A branch without commits of its own moves forward, as in Git. No work tree is needed.
    ///
    /// Branches that are checked out, signatures and hooks: as for `commit`.
    Merge(merge::Arguments),
    /// Rename a thing where it is defined, and wherever it is referred to: a variable, an environment, a runbook
    ///
    /// Templates and scripts are included, and nothing else of the files changes. It is refused, with every place, where a name that is
    /// known only when the server runs may be this one, where the new name is taken, or where it can't be written. Of a thing that
    /// lives in the server, such as a feed, only the references are renamed. See `uses` for what is renamed.
    ///
    /// Branches that are checked out, signatures and hooks: as for `commit`.
    RenameThing(rename_thing::Arguments),
    /// Let `git merge`, `rebase`, `cherry-pick` and `stash pop` merge documents by their values
    ///
    /// Git calls this for a file that both sides changed. Both sides are brought to one version first, that which the marker states
    /// after the merge, and what both changed differently is left between Git's conflict markers, around the one value. It is
    /// refused, and Git stops, where the versions can't be told.
    MergeDriver(merge_driver::Arguments),
    /// Settle what a merge by Git left open, by address, and check what was edited by hand
    ///
    /// The text must have no marker left and be right before it is staged. Once nothing is open, documents that the merge took from
    /// one side in the shape of another version are brought to the version of the merge.
    Resolve(resolve::Arguments),
    /// Let the store catch up with a branch that is ahead of it
    Adopt(adopt::Arguments),
    /// Inspect the store, and put documents and lookups into it
    Store(store::Arguments),
    /// Test the catalog against its cases and snapshots, from every version to the latest
    Verify(verify::Arguments),
    /// Retire a catalog's oldest versions: their steps go, and the catalog begins at a later version
    ///
    /// Imports of documents that are still there stay, as branches without a version read them. It is refused while a ref, a row of the
    /// store or a recorded snapshot needs the steps, and where `verify` would then find anything else than before.
    Baseline(baseline::Arguments),
    /// Make a new step with a first case, the cases that a step lacks, or a contract
    New(new::Arguments),
    /// Record what a project looks like at the newest version
    Snapshot(snapshot::Arguments),
    /// Convert OCL files to JSON, one line per file
    Convert(convert::Arguments),
    /// Make a small repository with branches at several versions, and preview them
    Demo(demo::Arguments),
    /// Answer commands over HTTP, with the same JSON, and show their pages to browsers
    ///
    /// Serves the repository on the loopback address until the process is told to stop: reading commands, and writing ones where that is
    /// switched on. See docs/how-to/serve.md. (Only in a build with the feature `serve`.)
    #[cfg(feature = "serve")]
    Serve(serve::Arguments),
    /// Make, list and revoke tokens: who may ask a service
    ///
    /// A token belongs to a tenant, and has scopes. Nothing keeps it but who gets it: what is kept is its hash. See
    /// docs/how-to/serve.md. (Only in a build with the feature `serve`.)
    #[cfg(feature = "serve")]
    Token(serve::TokenArguments),
    /// Print a script with which a shell completes commands, refs and documents
    Completions(generate::Completions),
    /// Write the manual pages
    Man(generate::Man),
}

impl Command {
    /// The command's name, its options and its page, where it is asked about many repositories.
    pub(super) fn fleet(
        &self,
    ) -> Option<(
        &'static str,
        &fleet::FleetArguments,
        Option<&html::PageFile>,
    )> {
        let (name, fleet, page) = match self {
            Command::Status(command) => ("status", &command.fleet, Some(&command.html)),
            Command::Rehearse(command) => ("rehearse", &command.fleet, Some(&command.html)),
            Command::Doctor(command) => ("doctor", &command.fleet, None),
            Command::Check(command) => ("check", &command.fleet, None),
            Command::Uses(command) => ("uses", &command.fleet, Some(&command.html)),
            Command::Query(command) => ("query", &command.fleet, None),
            _ => return None,
        };
        fleet.wanted().then_some((name, fleet, page))
    }
}
