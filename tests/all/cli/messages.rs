//! Every message that a user can provoke, in a row: read them together (`docs/messages.md` says how they are worded).

use std::fmt::Write as _;

use crate::support::{Sandbox, isolated};

/// Runs command lines, each as a shell would split it, and shows what they print on stderr and how they end.
struct Messages {
    repo: Sandbox,
    text: String,
}

impl Messages {
    fn new(script: &str) -> Messages {
        Messages {
            repo: Sandbox::new(script),
            text: String::new(),
        }
    }

    fn chapter(&mut self, title: &str) {
        writeln!(self.text, "\n== {title}").unwrap();
    }

    /// Prepares what the next commands meet.
    fn shell(&mut self, script: &str) {
        self.repo.shell(script);
    }

    fn run(&mut self, line: &str) {
        let program = env!("CARGO_BIN_EXE_ocl-migrate");
        let catalog = crate::support::project().join("fixtures/catalogs/fizz");
        let done = isolated("bash", self.repo.path())
            .env("OCL_MIGRATE_CATALOG", catalog)
            .args([
                "-c",
                &format!("ocl-migrate() {{ '{program}' \"$@\"; }}; {line}"),
            ])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        let home = self.repo.path().display().to_string();
        let project = crate::support::project().display().to_string();
        let said = said.replace(&home, "REPO").replace(&project, "PROJECT");
        let code = done.status.code().unwrap();
        assert!(
            !said.trim().is_empty(),
            "{line} said nothing, and ended with {code}"
        );
        writeln!(self.text, "\n$ {line}\n{}\n[{code}]", said.trim_end()).unwrap();
    }
}

#[test]
fn every_message_that_a_command_can_provoke() {
    let mut messages = Messages::new("versions");

    messages.chapter("The command line");
    messages.run("ocl-migrate previeww main");
    messages.run("ocl-migrate show");
    messages.run("ocl-migrate plan main --project-version 3");
    messages.run("ocl-migrate plan --branch-version 1 --shape nothing=2");
    messages.run("ocl-migrate commit main -m x --put fizz");
    messages.run("unset OCL_MIGRATE_CATALOG; ocl-migrate new modify runbook owner");
    messages.run("ocl-migrate new modify fiz owner");
    messages.run("ocl-migrate completions tcsh");
    messages.run("ocl-migrate upgrade main -m x --accept-unknown 11-12");
    messages.run("ocl-migrate rehearse 'release/*'");
    messages.run("ocl-migrate snapshot 2");

    messages.chapter("Repository and revision");
    messages.run("ocl-migrate -C / status");
    messages.run("ocl-migrate -C /nowhere status");
    messages.run("ocl-migrate preview nowhere");
    messages.run("ocl-migrate preview mian");
    messages.run("ocl-migrate preview ''");
    messages.run("ocl-migrate preview $'main\\e[2J'");
    messages.run("ocl-migrate preview 'main^{tree}'");
    messages.run("ocl-migrate preview main~99");
    messages.run("ocl-migrate preview deadbeef");

    messages.chapter("Base path, marker, versions");
    messages.run("ocl-migrate preview several");
    messages.run("ocl-migrate --base-path /etc preview main");
    messages.run("ocl-migrate --base-path ../.. preview main");
    messages.run("ocl-migrate --base-path .config/fizz.ocl preview main");
    messages.run("ocl-migrate --base-path .config/three preview --stat several");
    messages.run("ocl-migrate preview twice");
    messages.run("ocl-migrate preview unmarked");
    messages.run("ocl-migrate preview future");
    messages.run("ocl-migrate preview main --to 99");
    messages.run("ocl-migrate preview main --to 2");

    messages.chapter("Markers");
    for (branch, marker) in [
        ("in-quotes", "version = \"9\"\\n"),
        ("negative", "# ours\\n  version = -1\\n"),
        ("too-large", "version = 99999999999\\n"),
        ("misspelt", "Version = 6\\n"),
        ("silent", ""),
        (
            "conflict",
            "<<<<<<< HEAD\\nversion = 4\\n=======\\nversion = 6\\n>>>>>>> theirs\\n",
        ),
    ] {
        messages.shell(&format!(
            "set -e; git switch -q -c {branch} main; printf '{marker}' > .config/schema_version.ocl; git commit -qam x; git switch -q main"
        ));
        messages.run(&format!("ocl-migrate preview {branch}"));
    }
    messages.shell(
        "set -e; git switch -q -c both main; printf 'version = 3' > .config/schema-version.ocl; git add -A; git commit -qm x
        git switch -q -c folder main; git rm -q .config/schema_version.ocl; mkdir .config/schema_version.ocl
        touch .config/schema_version.ocl/x; git add -A; git commit -qm x; git switch -q main",
    );
    messages.run("ocl-migrate preview both");
    messages.run("ocl-migrate preview folder");
    messages.run("ocl-migrate status conflict misspelt >&2");

    messages.chapter("Documents");
    messages.run("ocl-migrate show main fiz");
    messages.run("ocl-migrate show main something/else");
    messages.run("ocl-migrate explain main fiz");
    messages.run("ocl-migrate explain main");
    messages.run("ocl-migrate explain empty");
    messages.run("ocl-migrate restore main --from old fiz");
    messages.run("ocl-migrate preview broken");
    messages.run("printf 'a = \"b\\n' | ocl-migrate convert -");
    messages.run("printf '\\xff\\xfe' | ocl-migrate convert -");
    messages.run("ocl-migrate convert nowhere.ocl");
    messages.run("ocl-migrate convert .");

    messages.chapter("Committing");
    messages.run("ocl-migrate commit main -m x --put fizz=nowhere.ocl");
    messages.shell("printf 'color = \"blue\"\\n' > fizz.ocl; printf 'color = \"\\n' > bad.ocl; git switch -q --detach main");
    messages.run("ocl-migrate commit old -m x --put fizz=bad.ocl");
    messages.run("ocl-migrate commit old -m x --put nothing=fizz.ocl");
    messages.run("ocl-migrate commit v1 -m x --put fizz=fizz.ocl");
    messages.run("ocl-migrate commit main -m x --remove fizz --new");
    messages.run("ocl-migrate commit 'a..b' -m x --put fizz=fizz.ocl --new --from main");
    messages.run("ocl-migrate upgrade main -m x");
    messages.run("ocl-migrate upgrade old -m x");
    messages.run("ocl-migrate upgrade broken -m x");
    messages.run("ocl-migrate downgrade main --to 3 -m x");
    messages.run("ocl-migrate downgrade main --to 6 -m x");
    messages.run("ocl-migrate commit brand/new -m x --put fizz=fizz.ocl");
    messages.run("ocl-migrate adopt main");
    messages.shell("git update-ref refs/remotes/origin/theirs old");
    messages.run("ocl-migrate upgrade origin/theirs -m x");
    messages.run("git init -q nothing; ocl-migrate -C nothing status");
    messages.run(
        "git -C nothing fetch -q --no-tags .. old:refs/remotes/origin/old; ocl-migrate -C nothing status",
    );
    messages.run("ocl-migrate -C nothing commit main -m x --put fizz=fizz.ocl");
    messages.shell("git switch -q main; echo >> .config/fizz.ocl");
    messages.run("ocl-migrate commit main -m x --put fizz=fizz.ocl");
    messages.shell("git checkout -q .; git revert -n HEAD > /dev/null 2>&1");
    messages.run("ocl-migrate commit main -m x --put fizz=fizz.ocl");
    messages.shell("git revert --abort");
    messages.run("PATH= $(command -v ocl-migrate) commit main -m x --put fizz=fizz.ocl");
    messages.shell("git switch -q --detach main; touch .git/refs/heads/main.lock");
    messages.run("ocl-migrate commit main -m x --put fizz=fizz.ocl 2>&1 | sed 's/for [0-9]* s/for N s/' >&2; exit ${PIPESTATUS[0]}");
    messages.shell("rm .git/refs/heads/main.lock");

    messages.chapter("The store");
    messages.run("ocl-migrate store status");
    messages.run("ocl-migrate store put fizz fizz.ocl");
    messages.shell("printf 'no database' > not-a-store.db");
    messages.run("ocl-migrate --store not-a-store.db store status");
    messages.run("ocl-migrate --store . store init");
    messages.run("ocl-migrate store restore nowhere.db");
    messages.run("ocl-migrate store init >/dev/null; ocl-migrate store put fizz bad.ocl");
    messages.run("ocl-migrate store put nothing fizz.ocl");
    messages.run("ocl-migrate store put team/../../x fizz.ocl");
    messages.run("ocl-migrate store get fizz");
    messages.run("ocl-migrate store get fizz --snapshot 3");
    messages.run("ocl-migrate store remove fizz");
    messages.run("ocl-migrate store lookup get names x");
    messages.run("ocl-migrate store lookup remove names x");
    messages.run("echo '[]' | ocl-migrate store lookup load -");
    messages.run("ocl-migrate store backup fizz.ocl");
    messages.run("ocl-migrate --project other adopt old");

    messages.chapter("Catalog and defaults");
    messages.run("ocl-migrate --catalog nowhere status");
    messages.run("mkdir mine; ocl-migrate --catalog mine new import job jobs");
    messages.run("ocl-migrate --catalog begun new import job jobs");
    messages.shell(
        "mkdir -p bad/0001_x && printf 'catalog \"x\" {\\n  base_path = \\n}\\n' > bad/catalog.hcl",
    );
    messages.run("ocl-migrate --catalog bad status");
    messages.shell("printf 'colour = \"always\"\\n' > .ocl-migrate.hcl");
    messages.run("ocl-migrate status");
    messages.shell("printf 'base_path = \\n' > .ocl-migrate.hcl");
    messages.run("ocl-migrate status");
    messages.shell("printf 'format = \"yaml\"\\n' > .ocl-migrate.hcl");
    messages.run("ocl-migrate status");
    messages.shell("printf 'project = 1\\n' > .ocl-migrate.hcl");
    messages.run("ocl-migrate status");
    messages.shell("printf 'store {\\n}\\n' > .ocl-migrate.hcl");
    messages.run("ocl-migrate status");
    for setting in [
        "catalog = \"steps\"",
        "store = \"../all.db\"",
        "project = \"shop\"",
    ] {
        messages.shell(&format!("echo '{setting}' > .ocl-migrate.hcl"));
        messages.run("unset OCL_MIGRATE_CATALOG; ocl-migrate status");
    }
    messages.shell("echo 'base_path = \".config/one\"' > .ocl-migrate.hcl");
    messages.run("ocl-migrate --store all.db store list");
    messages.run("ocl-migrate --store all.db --base-path .config store init > /dev/null; ocl-migrate --store all.db upgrade several -m x");
    messages.shell("mkdir ocl-migrate; echo 'store = \"all.db\"' > ocl-migrate/config.hcl");
    messages.run("XDG_CONFIG_HOME=$PWD ocl-migrate status");
    messages.shell("echo 'repository { }' > ocl-migrate/config.hcl");
    messages.run("XDG_CONFIG_HOME=$PWD ocl-migrate status");
    messages.shell("echo 'repositories \".\" { }' > ocl-migrate/config.hcl");
    messages.run("XDG_CONFIG_HOME=$PWD ocl-migrate status");
    messages.run("git clone -q --bare . inner 2> /dev/null; cd inner; ocl-migrate status");
    messages.run("ln -s ../../all.db inner/ocl-migrate; ocl-migrate --repo inner status");
    messages.shell("rm .ocl-migrate.hcl; ln -s all.db .ocl-migrate.hcl");
    messages.run("ocl-migrate status");
    messages.shell("rm .ocl-migrate.hcl; mkdir .ocl-migrate.hcl");
    messages.run("ocl-migrate status");
    messages.run("rmdir .ocl-migrate.hcl; ocl-migrate demo .");

    // Beside what the library says.
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(crate::support::project().join("tests/messages"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("commands", messages.text));
}
