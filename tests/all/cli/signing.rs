//! Signed commits: by the programs that Git runs, and Git takes them for good.

use crate::support::{Sandbox, isolated, project, skipped};

/// A repository, and the command with the catalog "fizz" as a shell function.
fn sandbox() -> Sandbox {
    let repo = Sandbox::new("versions");
    repo.shell("git switch -q --detach main; printf 'color = \"blue\"\\n' > fizz.ocl; export HOME=$PWD; mkdir keys");
    repo
}

/// Runs a script: both streams, and how it ends.
fn run(repo: &Sandbox, script: &str) -> String {
    let program = env!("CARGO_BIN_EXE_ocl-migrate");
    let catalog = project().join("fixtures/catalogs/fizz");
    let done = isolated("bash", repo.path())
        .env_remove("GIT_CONFIG_GLOBAL")
        .env("OCL_MIGRATE_CATALOG", catalog)
        .args([
            "-c",
            &format!("exec 2>&1; ocl-migrate() {{ '{program}' \"$@\"; }}; export -f ocl-migrate; set -e; {script}"),
        ])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    let code = done.status.code().unwrap();
    format!("{text}[{code}]").replace(&repo.path().display().to_string(), "REPO")
}

fn has(program: &str) -> bool {
    let found = std::process::Command::new(program)
        .arg("--version")
        .output();
    // `ssh-keygen` has no such option, and says so.
    found.is_ok()
}

const COMMIT: &str = "ocl-migrate commit main -m Blue --put fizz=fizz.ocl";

fn ssh() -> Option<Sandbox> {
    if !has("ssh-keygen") {
        skipped("there is no ssh-keygen here");
        return None;
    }
    let repo = sandbox();
    let ready = run(
        &repo,
        "ssh-keygen -q -t ed25519 -N '' -C ann -f keys/ann; echo \"ann@example.com $(cat keys/ann.pub)\" > keys/allowed
         git config --global gpg.format ssh; git config --global gpg.ssh.allowedSignersFile $PWD/keys/allowed",
    );
    assert_eq!(ready, "[0]");
    Some(repo)
}

#[test]
fn by_an_ssh_key_as_the_configuration_says() {
    let Some(repo) = ssh() else { return };
    let unsigned = run(
        &repo,
        &format!("{COMMIT} > /dev/null; git verify-commit main"),
    );
    assert!(unsigned.ends_with("[1]"), "{unsigned}");
    // The path is read from the user's home.
    run(
        &repo,
        "git config --global user.signingKey '~/keys/ann'; git config commit.gpgSign true",
    );
    let signed = run(
        &repo,
        "ocl-migrate commit main -m Red --put fizz=- <<< 'color = \"red\"' > /dev/null; git verify-commit main; git fsck --strict --no-dangling",
    );
    assert!(
        signed.starts_with("Good \"git\" signature for ann@example.com with ED25519 key"),
        "{signed}"
    );
    assert!(signed.ends_with("[0]"), "{signed}");
    // What was asked for on the command line wins, and of two the later.
    for (options, code) in [
        ("--no-gpg-sign", 1),
        ("-S --no-gpg-sign", 1),
        ("--no-gpg-sign -S", 0),
        ("-S", 0),
        ("--gpg-sign=keys/ann", 0),
        ("-Skeys/ann", 0),
        ("-S=keys/ann", 0),
        ("-Skeys/nobody", 1),
    ] {
        let verified = run(
            &repo,
            &format!(
                "ocl-migrate commit main -m Again --put fizz=- {options} <<< 'color = \"$RANDOM\"' > /dev/null; git verify-commit -v main > /dev/null"
            ),
        );
        assert!(
            verified.ends_with(&format!("[{code}]")),
            "{options}: {verified}"
        );
        run(&repo, "git update-ref refs/heads/main main~1");
    }
}

#[test]
fn both_commits_are_signed_and_restoring_and_upgrading_sign_too() {
    let Some(repo) = ssh() else { return };
    run(
        &repo,
        "git config user.signingKey $PWD/keys/ann; git config commit.gpgSign true",
    );
    let verified = run(
        &repo,
        "ocl-migrate store init > /dev/null; ocl-migrate commit old -m Blue --put fizz=fizz.ocl --migration-message Migrate > /dev/null 2>&1
         git verify-commit old old~1 | wc -l; git log -2 --format='%s %G?' old
         ocl-migrate upgrade feature/teams -m Up > /dev/null 2>&1; git log -1 --format='%s %G?' feature/teams
         ocl-migrate restore main --from old fizz -m Restore > /dev/null 2>&1; git log -1 --format='%s %G?' main",
    );
    assert!(
        verified.ends_with("Blue G\nMigrate G\nUp G\nRestore G\n[0]"),
        "{verified}"
    );
}

#[test]
fn by_a_key_that_an_agent_has() {
    let Some(repo) = ssh() else { return };
    run(
        &repo,
        "git config commit.gpgSign true; git config gpg.ssh.defaultKeyCommand \"cat '$PWD/keys/ann.pub'\"",
    );
    let in_agent = |command: &str| {
        run(
            &repo,
            &format!(
                "ssh-agent bash -c 'ssh-add -q keys/ann && {command}' > /dev/null && git verify-commit main"
            ),
        )
    };
    let signed = in_agent(COMMIT);
    assert!(signed.starts_with("Good \"git\" signature"), "{signed}");
    run(
        &repo,
        "git update-ref refs/heads/main main~1; git config user.signingKey \"key::$(cat keys/ann.pub)\"; git config --unset gpg.ssh.defaultKeyCommand",
    );
    let signed = in_agent(COMMIT);
    assert!(signed.starts_with("Good \"git\" signature"), "{signed}");
}

#[test]
fn by_gnupg() {
    if !has("gpg") {
        skipped("there is no gpg here");
        return;
    }
    let repo = sandbox();
    let ready = run(
        &repo,
        "gpg --quiet --batch --passphrase '' --quick-gen-key 'Ann <ann@example.com>' ed25519 sign never 2> /dev/null",
    );
    assert!(ready.ends_with("[0]"), "{ready}");
    // Without a key of its own the committer's is taken.
    let signed = run(
        &repo,
        &format!("{COMMIT} -S > /dev/null; git verify-commit main"),
    );
    assert!(
        signed.contains("Good signature from \"Ann <ann@example.com>\""),
        "{signed}"
    );
    assert!(signed.ends_with("[0]"), "{signed}");
    let refused = run(
        &repo,
        "ocl-migrate commit main -m x --remove fizz --gpg-sign=nobody",
    );
    assert!(
        refused.contains(
            "error: the commit can't be signed, and nothing is written without the signature: gpg: "
        ),
        "{refused}"
    );
    assert!(refused.contains("No secret key"), "{refused}");
    assert!(
        refused.contains(" commit main -m x --remove fizz --gpg-sign=nobody --no-gpg-sign\n"),
        "{refused}"
    );
    assert!(refused.ends_with("[1]"), "{refused}");
    run(&repo, "gpgconf --kill all");
}

/// A program that tells how it was called.
#[test]
fn programs_are_called_as_git_calls_them() {
    let repo = sandbox();
    let program = "#!/bin/sh\\nprintf '%%s\\\\n' \"$@\" > called; cat > content\\necho '[GNUPG:] SIG_CREATED ' >&2\\nprintf 'BEGIN\\\\r\\\\n\\\\r\\\\nEND\\\\r\\\\n'\\n";
    run(
        &repo,
        &format!(
            "printf \"$(cat <<'E'\n{program}\nE\n)\" > keys/sign; chmod +x keys/sign; git config commit.gpgSign true"
        ),
    );
    for (format, setting) in [
        ("openpgp", "gpg.program"),
        ("openpgp", "gpg.openpgp.program"),
        ("x509", "gpg.x509.program"),
    ] {
        let said = run(
            &repo,
            &format!(
                "git config gpg.format {format}; git config {setting} '~/keys/sign'; git config user.signingKey key1
                 {COMMIT} > /dev/null; cat called; git cat-file commit main | sed -n '/gpgsig/,$p'; git fsck --strict --no-dangling
                 git cat-file commit main | sed '/^gpgsig/,/^ END/d' | cmp - content
                 git update-ref refs/heads/main main~1; git config --unset {setting}"
            ),
        );
        assert_eq!(
            said, "--status-fd=2\n-bsau\nkey1\ngpgsig BEGIN\n \n END\n\nBlue\n[0]",
            "{setting}"
        );
    }
    // One that says nothing of a signature has made none.
    let refused = run(
        &repo,
        &format!("git config gpg.x509.program true; git rev-parse main; {COMMIT}"),
    );
    assert!(refused.contains("can't be signed"), "{refused}");
    let refused = run(
        &repo,
        &format!("git config gpg.x509.program /nowhere; {COMMIT}"),
    );
    assert!(refused.contains("/nowhere: No such file"), "{refused}");
    let refused = run(&repo, &format!("git config gpg.format rot13; {COMMIT}"));
    assert!(
        refused.contains("gpg.format 'rot13' can't be used"),
        "{refused}"
    );
    let refused = run(
        &repo,
        &format!("git config gpg.format ssh; git config --unset user.signingKey; {COMMIT}"),
    );
    assert!(
        refused.contains("no key is named: set user.signingKey"),
        "{refused}"
    );
    // Only showing it needs no key.
    let shown = run(&repo, &format!("{COMMIT} --dry-run"));
    assert!(shown.ends_with("[0]"), "{shown}");
}

#[test]
fn a_program_that_leaves_no_signature_is_not_said_to_be_missing() {
    let repo = sandbox();
    let refused = run(
        &repo,
        &format!(
            "git config gpg.format ssh; git config gpg.ssh.program true; git config user.signingKey keys/ann
             {COMMIT} -S"
        ),
    );
    assert!(
        refused.contains("true: it reported success and left no signature"),
        "{refused}"
    );
    assert!(refused.contains("`commit.sig`"), "{refused}");
    assert!(!refused.contains("No such file"), "{refused}");
    assert!(refused.ends_with("[1]"), "{refused}");
}
