//! Every message that a user can provoke, in a row: read them together (`docs/messages.md` says how they are worded).

use std::fmt::Write as _;

use crate::support::{Sandbox, isolated};

/// Runs command lines, each as a shell would split it, and shows what they print on stderr and how they end.
struct Reel {
    repo: Sandbox,
    text: String,
}

impl Reel {
    fn new(script: &str) -> Reel {
        Reel {
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
    let mut reel = Reel::new("versions");

    reel.chapter("The command line");
    reel.run("ocl-migrate previeww main");
    reel.run("ocl-migrate show");
    reel.run("ocl-migrate plan main --project-version 3");
    reel.run("ocl-migrate plan --branch-version 1 --shape nothing=2");
    reel.run("ocl-migrate commit main -m x --put fizz");
    reel.run("unset OCL_MIGRATE_CATALOG; ocl-migrate new modify runbook owner");
    reel.run("ocl-migrate new modify fiz owner");
    reel.run("ocl-migrate completions tcsh");
    reel.run("ocl-migrate rehearse 'release/*'");
    reel.run("ocl-migrate snapshot 2");

    reel.chapter("Repository and revision");
    reel.run("ocl-migrate -C / status");
    reel.run("ocl-migrate -C /nowhere status");
    reel.run("ocl-migrate preview nowhere");
    reel.run("ocl-migrate preview mian");
    reel.run("ocl-migrate preview ''");
    reel.run("ocl-migrate preview $'main\\e[2J'");
    reel.run("ocl-migrate preview 'main^{tree}'");
    reel.run("ocl-migrate preview main~99");
    reel.run("ocl-migrate preview deadbeef");

    reel.chapter("Base path, marker, versions");
    reel.run("ocl-migrate preview several");
    reel.run("ocl-migrate --base-path /etc preview main");
    reel.run("ocl-migrate --base-path ../.. preview main");
    reel.run("ocl-migrate --base-path .config/fizz.ocl preview main");
    reel.run("ocl-migrate --base-path .config/three preview --stat several");
    reel.run("ocl-migrate preview twice");
    reel.run("ocl-migrate preview unmarked");
    reel.run("ocl-migrate preview future");
    reel.run("ocl-migrate preview main --to 99");
    reel.run("ocl-migrate preview main --to 2");

    reel.chapter("Markers");
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
        reel.shell(&format!(
            "set -e; git switch -q -c {branch} main; printf '{marker}' > .config/schema_version.ocl; git commit -qam x; git switch -q main"
        ));
        reel.run(&format!("ocl-migrate preview {branch}"));
    }
    reel.shell(
        "set -e; git switch -q -c both main; printf 'version = 3' > .config/schema-version.ocl; git add -A; git commit -qm x
        git switch -q -c folder main; git rm -q .config/schema_version.ocl; mkdir .config/schema_version.ocl
        touch .config/schema_version.ocl/x; git add -A; git commit -qm x; git switch -q main",
    );
    reel.run("ocl-migrate preview both");
    reel.run("ocl-migrate preview folder");
    reel.run("ocl-migrate status conflict misspelt >&2");

    reel.chapter("Documents");
    reel.run("ocl-migrate show main fiz");
    reel.run("ocl-migrate show main something/else");
    reel.run("ocl-migrate explain main fiz");
    reel.run("ocl-migrate explain main");
    reel.run("ocl-migrate explain empty");
    reel.run("ocl-migrate restore main --from old fiz");
    reel.run("ocl-migrate preview broken");
    reel.run("printf 'a = \"b\\n' | ocl-migrate convert -");
    reel.run("printf '\\xff\\xfe' | ocl-migrate convert -");
    reel.run("ocl-migrate convert nowhere.ocl");
    reel.run("ocl-migrate convert .");

    reel.chapter("Committing");
    reel.run("ocl-migrate commit main -m x --put fizz=nowhere.ocl");
    reel.shell("printf 'color = \"blue\"\\n' > fizz.ocl; printf 'color = \"\\n' > bad.ocl; git switch -q --detach main");
    reel.run("ocl-migrate commit old -m x --put fizz=bad.ocl");
    reel.run("ocl-migrate commit old -m x --put nothing=fizz.ocl");
    reel.run("ocl-migrate commit v1 -m x --put fizz=fizz.ocl");
    reel.run("ocl-migrate commit main -m x --remove fizz --new");
    reel.run("ocl-migrate commit 'a..b' -m x --put fizz=fizz.ocl --new --from main");
    reel.run("ocl-migrate upgrade main -m x");
    reel.run("ocl-migrate upgrade old -m x");
    reel.run("ocl-migrate upgrade broken -m x");
    reel.run("ocl-migrate downgrade main --to 3 -m x");
    reel.run("ocl-migrate downgrade main --to 6 -m x");
    reel.run("ocl-migrate commit brand/new -m x --put fizz=fizz.ocl");
    reel.run("ocl-migrate adopt main");
    reel.shell("git update-ref refs/remotes/origin/theirs old");
    reel.run("ocl-migrate upgrade origin/theirs -m x");
    reel.run("git init -q nothing; ocl-migrate -C nothing status");
    reel.run(
        "git -C nothing fetch -q --no-tags .. old:refs/remotes/origin/old; ocl-migrate -C nothing status",
    );
    reel.shell("git switch -q main");
    reel.run("ocl-migrate commit main -m x --put fizz=fizz.ocl");
    reel.shell("git switch -q --detach main; touch .git/refs/heads/main.lock");
    reel.run("ocl-migrate commit main -m x --put fizz=fizz.ocl 2>&1 | sed 's/since [0-9]* s/since N s/' >&2; exit ${PIPESTATUS[0]}");
    reel.shell("rm .git/refs/heads/main.lock");

    reel.chapter("The store");
    reel.run("ocl-migrate store status");
    reel.run("ocl-migrate store put fizz fizz.ocl");
    reel.shell("printf 'no database' > not-a-store.db");
    reel.run("ocl-migrate --store not-a-store.db store status");
    reel.run("ocl-migrate --store . store init");
    reel.run("ocl-migrate store restore nowhere.db");
    reel.run("ocl-migrate store init >/dev/null; ocl-migrate store put fizz bad.ocl");
    reel.run("ocl-migrate store put nothing fizz.ocl");
    reel.run("ocl-migrate store put team/../../x fizz.ocl");
    reel.run("ocl-migrate store get fizz");
    reel.run("ocl-migrate store get fizz --snapshot 3");
    reel.run("ocl-migrate store remove fizz");
    reel.run("ocl-migrate store lookup get names x");
    reel.run("ocl-migrate store lookup remove names x");
    reel.run("echo '[]' | ocl-migrate store lookup load -");
    reel.run("ocl-migrate store backup fizz.ocl");
    reel.run("ocl-migrate --project other adopt old");

    reel.chapter("Catalog and defaults");
    reel.run("ocl-migrate --catalog nowhere status");
    reel.run("mkdir mine; ocl-migrate --catalog mine new import job jobs");
    reel.shell(
        "mkdir -p bad/0001_x && printf 'catalog \"x\" {\\n  base_path = \\n}\\n' > bad/catalog.hcl",
    );
    reel.run("ocl-migrate --catalog bad status");
    reel.shell("printf 'colour = \"always\"\\n' > .ocl-migrate.hcl");
    reel.run("ocl-migrate status");
    reel.shell("printf 'base_path = \\n' > .ocl-migrate.hcl");
    reel.run("ocl-migrate status");
    reel.shell("printf 'format = \"yaml\"\\n' > .ocl-migrate.hcl");
    reel.run("ocl-migrate status");
    reel.shell("printf 'project = 1\\n' > .ocl-migrate.hcl");
    reel.run("ocl-migrate status");
    reel.shell("printf 'store {\\n}\\n' > .ocl-migrate.hcl");
    reel.run("ocl-migrate status");
    for setting in [
        "catalog = \"steps\"",
        "store = \"../all.db\"",
        "project = \"shop\"",
    ] {
        reel.shell(&format!("echo '{setting}' > .ocl-migrate.hcl"));
        reel.run("unset OCL_MIGRATE_CATALOG; ocl-migrate status");
    }
    reel.shell("echo 'base_path = \".config/one\"' > .ocl-migrate.hcl");
    reel.run("ocl-migrate --store all.db store list");
    reel.run("ocl-migrate --store all.db --base-path .config store init > /dev/null; ocl-migrate --store all.db upgrade several -m x");
    reel.shell("mkdir ocl-migrate; echo 'store = \"all.db\"' > ocl-migrate/config.hcl");
    reel.run("XDG_CONFIG_HOME=$PWD ocl-migrate status");
    reel.shell("echo 'repository { }' > ocl-migrate/config.hcl");
    reel.run("XDG_CONFIG_HOME=$PWD ocl-migrate status");
    reel.shell("echo 'repositories \".\" { }' > ocl-migrate/config.hcl");
    reel.run("XDG_CONFIG_HOME=$PWD ocl-migrate status");
    reel.run("git clone -q --bare . inner 2> /dev/null; cd inner; ocl-migrate status");
    reel.run("ln -s ../../all.db inner/ocl-migrate; ocl-migrate --repo inner status");
    reel.shell("rm .ocl-migrate.hcl; ln -s all.db .ocl-migrate.hcl");
    reel.run("ocl-migrate status");
    reel.shell("rm .ocl-migrate.hcl; mkdir .ocl-migrate.hcl");
    reel.run("ocl-migrate status");
    reel.run("rmdir .ocl-migrate.hcl; ocl-migrate demo .");

    // Beside what the library says.
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(crate::support::project().join("tests/messages"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("commands", reel.text));
}
