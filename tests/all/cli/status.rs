//! `status`: where every ref stands.

use crate::support::Sandbox;

#[test]
fn every_branch_and_tag_is_listed_with_its_version() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["status"]), @"
    --- stdout
    REF                       BASE PATH    VERSION  STATE (server 6)
    refs/heads/broken         .config            4  behind, 3 steps pending
    refs/heads/empty          .config            -  uninitialised, 5 steps pending
    refs/heads/feature/teams  .config            4  behind, 3 steps pending
    refs/heads/future         .config           99  ahead
    refs/heads/main           .config            6  current
    refs/heads/old            .config            3  behind, 4 steps pending
    refs/heads/several        .config/one        3  behind, 4 steps pending
    refs/heads/several        .config/two        6  current
    refs/heads/twice          .config            -  invalid: .config/schema_version.ocl:2:1: `version` is set twice: keep the right one
    refs/heads/unmarked       .config            -  invalid: the version of .config/fizz.ocl is unknown, as there is no marker: state it in .config/schema_version.ocl, as `version = N`
    refs/tags/v1              .config            3  behind, 4 steps pending
    refs/tags/v2              .config            6  current
    --- exit 0
    ");
}

#[test]
fn all_includes_refs_that_are_neither_branch_nor_tag() {
    let repo = Sandbox::new("versions");
    assert!(!repo.run(&["status"]).contains("refs/pull/1/head"));
    assert!(repo.run(&["status", "--all"]).contains("refs/pull/1/head"));
}

#[test]
fn a_revision_may_be_anything_that_git_resolves() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["status", "main", "v1^{commit}", "refs/pull/1/head"]), @"
    --- stdout
    REF               BASE PATH  VERSION  STATE (server 6)
    refs/heads/main   .config          6  current
    v1^{commit}       .config          3  behind, 4 steps pending
    refs/pull/1/head  .config          3  behind, 4 steps pending
    --- exit 0
    ");
    insta::assert_snapshot!(repo.run(&["status", "nowhere"]), @"
    --- stderr
    error: 'nowhere' is not a branch, tag or commit of REPO/.git: no ref or object has this name; see git branch --all and git tag
    hint: see what there is: ocl-migrate --catalog PROJECT/fixtures/catalogs/fizz status --all
    --- exit 1
    ");
}

#[test]
fn json_is_a_line_per_ref_and_base_path() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.pretty(&["status", "old", "several", "empty", "twice", "future"]), @r#"
    {
      "format_version": 1,
      "ref": "refs/heads/old",
      "commit": "b107edaf29555b54a603eb4084862fee787c740d",
      "base_path": ".config",
      "branch_version": 3,
      "project_version": null,
      "server_version": 6,
      "pending": 4,
      "state": "behind"
    }
    {
      "format_version": 1,
      "ref": "refs/heads/several",
      "commit": "397b7bbba86595fc60084b2319562a50122d4035",
      "base_path": ".config/one",
      "branch_version": 3,
      "project_version": null,
      "server_version": 6,
      "pending": 4,
      "state": "behind"
    }
    {
      "format_version": 1,
      "ref": "refs/heads/several",
      "commit": "397b7bbba86595fc60084b2319562a50122d4035",
      "base_path": ".config/two",
      "branch_version": 6,
      "project_version": null,
      "server_version": 6,
      "pending": 0,
      "state": "current"
    }
    {
      "format_version": 1,
      "ref": "refs/heads/empty",
      "commit": "09aef29476e82f286b1b18f786dddb798a2a45ce",
      "base_path": ".config",
      "branch_version": null,
      "project_version": null,
      "server_version": 6,
      "pending": 5,
      "state": "uninitialised"
    }
    {
      "format_version": 1,
      "ref": "refs/heads/twice",
      "commit": "8701dd6ac343cce454be0eafbfeadaeff62c4462",
      "base_path": ".config",
      "branch_version": null,
      "project_version": null,
      "server_version": 6,
      "pending": 0,
      "state": "invalid",
      "error": "`version` is set twice: keep the right one\n --> .config/schema_version.ocl:2:1\n  |\n2 | version = 5\n  | ^"
    }
    {
      "format_version": 1,
      "ref": "refs/heads/future",
      "commit": "cf82f61f386c012cc1781b9adcfc4c0b8cd9fa82",
      "base_path": ".config",
      "branch_version": 99,
      "project_version": null,
      "server_version": 6,
      "pending": 0,
      "state": "ahead"
    }
    "#);
}

#[test]
fn a_base_path_narrows_the_list() {
    let repo = Sandbox::new("versions");
    insta::assert_snapshot!(repo.run(&["--base-path", ".config/one", "status", "several", "main"]), @"
    --- stdout
    REF                 BASE PATH    VERSION  STATE (server 6)
    refs/heads/several  .config/one        3  behind, 4 steps pending
    refs/heads/main     .config/one        -  uninitialised, 5 steps pending
    --- exit 0
    ");
}
