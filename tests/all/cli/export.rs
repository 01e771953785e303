//! `export`: what its command says where a selector doesn't name one thing.

use crate::support::Sandbox;

#[test]
fn of_several_things_the_first_is_named_in_a_command() {
    let repo = Sandbox::empty();
    repo.shell(
        "mkdir .octopus; printf 'version = 14\\n' > .octopus/schema_version.ocl
        cat > .octopus/variables.ocl <<'END'
variable \"Retries\" {
    value \"5\" {}

    value \"9\" {
        environment = [\"production\"]
    }
}
END
        git add -A && git commit -qm Retries",
    );
    let export = ["export", "main", "--as", "json", "variables"];
    let several = repo.run_plain(&[&export[..], &["variable.value"]].concat());
    insta::assert_snapshot!(several, @r#"
    --- stderr
    error: `variable.value` selects 2 things, and one is needed: `variable["Retries"].value{}`, `variable["Retries"].value{environment=production}`
    hint: name one of them, such as the first: ocl-migrate export main --as json variables 'variable["Retries"].value{}'
    --- exit 1
    "#);
    // It does what it says.
    let first = repo.run_plain(&[&export[..], &["variable[\"Retries\"].value{}"]].concat());
    assert!(first.ends_with("--- exit 0"), "{first}");
    assert!(first.contains("\"5\""), "{first}");
}
