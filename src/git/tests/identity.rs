//! Who commits, as `git var` says it.

use std::collections::HashMap;

use crate::git::{Error, Identity, Repository, Result, Timestamp};

use super::script::Sandbox;

const NOW: Timestamp = Timestamp {
    seconds: 1_700_000_000,
    offset_minutes: 120,
};

fn identity(repository: &Repository, environment: &[(&str, &str)]) -> Result<Identity> {
    let values: HashMap<&str, &str> = environment.iter().copied().collect();
    repository.identity(
        &|name| values.get(name).map(|value| (*value).to_owned()),
        NOW,
    )
}

fn shown(signature: &crate::git::Signature) -> String {
    let (sign, offset) = if signature.offset_minutes < 0 {
        ('-', -signature.offset_minutes)
    } else {
        ('+', signature.offset_minutes)
    };
    format!(
        "{} <{}> {} {sign}{:02}{:02}",
        signature.name,
        signature.email,
        signature.seconds,
        offset / 60,
        offset % 60
    )
}

#[test]
fn environment_and_configuration_count_as_in_git() {
    let cases: [(&str, &[(&str, &str)]); 6] = [
        ("git config user.name U; git config user.email u@x", &[]),
        (
            "git config user.name U; git config user.email u@x; git config author.name A; git config committer.email c@x",
            &[],
        ),
        (
            "git config user.name U; git config user.email u@x",
            &[("GIT_AUTHOR_NAME", "E"), ("GIT_COMMITTER_EMAIL", "e@x")],
        ),
        ("git config user.name U", &[("EMAIL", "mail@x")]),
        (
            "git config user.name ' .\"U, <V> W.; '; git config user.email '<u@x>'",
            &[],
        ),
        (
            "git config user.name U; git config user.email u@x",
            &[
                ("GIT_AUTHOR_DATE", "@1234567890 -0330"),
                ("GIT_COMMITTER_DATE", "Fri, 13 Feb 2009 23:31:30 +0100"),
            ],
        ),
    ];
    for (config, environment) in cases {
        let sandbox = Sandbox::new(config);
        let found = identity(&sandbox.repository(), environment).unwrap();
        let mut exports = String::from(
            "unset GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL\n",
        );
        exports +=
            "export GIT_AUTHOR_DATE='1700000000 +0200' GIT_COMMITTER_DATE='1700000000 +0200'\n";
        for (name, value) in environment {
            exports += &format!("export {name}='{value}'\n");
        }
        let var = |name: &str| sandbox.run(&format!("{exports} git -C repo var {name}"));
        assert_eq!(
            shown(&found.author),
            var("GIT_AUTHOR_IDENT"),
            "{config} {environment:?}"
        );
        assert_eq!(
            shown(&found.committer),
            var("GIT_COMMITTER_IDENT"),
            "{config} {environment:?}"
        );
    }
}

#[test]
fn dates_are_read_as_git_reads_them() {
    let sandbox = Sandbox::new("git config user.name U; git config user.email u@x");
    for date in [
        "@0 +0000",
        "@1700000000",
        "1700000000 +0200",
        "1700000000 -1130",
        "2005-04-07T22:13:13+02:00",
        "2005-04-07 22:13:13 -0330",
        "Thu, 07 Apr 2005 22:13:13 +0200",
        "Thu Apr 7 22:13:13 2005 +0200",
        "2005-04-07T22:13:13",
        "2005-04-07 22:13:13",
    ] {
        let found = identity(&sandbox.repository(), &[("GIT_AUTHOR_DATE", date)])
            .unwrap_or_else(|error| panic!("{error}"));
        let git = sandbox.run(&format!(
            "export TZ=XXX-2; GIT_AUTHOR_DATE='{date}' git -C repo var GIT_AUTHOR_IDENT"
        ));
        let (_, time) = git.split_once("> ").unwrap();
        assert!(
            shown(&found.author).ends_with(&format!("> {time}")),
            "{date}: {} and {git}",
            shown(&found.author)
        );
    }
    for date in [
        "yesterday",
        "nonsense",
        "2005-13-45T00:00:00",
        "1700000000 +9999",
    ] {
        match identity(&sandbox.repository(), &[("GIT_COMMITTER_DATE", date)]).unwrap_err() {
            Error::InvalidValue { what, value, .. } => assert_eq!(
                (what.as_str(), value.as_str()),
                ("GIT_COMMITTER_DATE", date)
            ),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn without_a_name_nobody_commits() {
    let sandbox = Sandbox::new("git config user.email u@x");
    let error = identity(&sandbox.repository(), &[]).unwrap_err();
    assert!(
        error.to_string().contains("git config --global user.name"),
        "{error}"
    );
    assert!(error.to_string().contains("GIT_AUTHOR_NAME"), "{error}");
    let error = identity(
        &sandbox.repository(),
        &[("GIT_AUTHOR_NAME", "A"), ("GIT_COMMITTER_NAME", " ,<> ")],
    )
    .unwrap_err();
    assert!(
        matches!(
            error,
            Error::NoIdentity {
                role: "committer",
                what: "name"
            }
        ),
        "{error}"
    );
}
