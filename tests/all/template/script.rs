//! Names of variables in scripts.

use ocl_migrate::template::script::{Syntax, names};

fn found(script: &str, syntax: Option<Syntax>) -> Vec<&str> {
    let names = names(script, syntax);
    for name in &names {
        assert_eq!(&script[name.place.clone()], name.name);
    }
    names.into_iter().map(|name| name.name).collect()
}

#[test]
fn each_syntax_has_its_ways() {
    use Syntax::{Bash, CSharp, FSharp, PowerShell, Python};
    for (syntax, script, expected) in [
        (PowerShell, "$a = $OctopusParameters[\"A.B\"]", &["A.B"][..]),
        (
            PowerShell,
            "$octopusparameters[ 'Octopus.Action[Do it].Output.X' ].Trim()",
            &["Octopus.Action[Do it].Output.X"],
        ),
        (
            PowerShell,
            "\"$($OctopusParameters[\"A\"])\" + $OctopusParameters[\"B\"]",
            &["A", "B"],
        ),
        (
            PowerShell,
            "if ($OctopusParameters.ContainsKey(\"A\")) {}",
            &["A"],
        ),
        (
            PowerShell,
            "$OctopusParameters[$name]; $OctopusParameters.Keys; $OctopusParametersX['A']",
            &[],
        ),
        (PowerShell, "$MyOctopusParameters['A']", &[]),
        (Bash, "x=$(get_octopusvariable \"A B\")", &["A B"]),
        (Bash, "x=\"$(get_octopusvariable 'A')\"", &["A"]),
        (
            Bash,
            "get_octopusvariable A.B; get_octopusvariable $c; set_octopusvariable \"D\" 1",
            &["A.B"],
        ),
        (Bash, "my_get_octopusvariable \"A\"", &[]),
        (
            CSharp,
            "var a = Octopus.Parameters[\"A\"] + OctopusParameters[\"B\"];",
            &["A", "B"],
        ),
        (FSharp, "Octopus.findVariable \"A\"", &["A"]),
        (FSharp, "match Octopus.tryFindVariable \"A\" with", &["A"]),
        (
            FSharp,
            "Octopus.findVariableOrDefault \"none\" \"A\"",
            &["A"],
        ),
        (FSharp, "Octopus.findVariableOrDefault (f x) \"A\"", &["A"]),
        (
            Python,
            "a = get_octopusvariable(\"A\"); b = get_octopusvariable( 'B' )",
            &["A", "B"],
        ),
    ] {
        assert_eq!(found(script, Some(syntax)), expected, "{script}");
    }
}

#[test]
fn another_syntax_has_other_ways() {
    assert_eq!(
        found("get_octopusvariable \"A\"", Some(Syntax::PowerShell)),
        [""; 0]
    );
    assert_eq!(
        found("$OctopusParameters[\"A\"]", Some(Syntax::Bash)),
        [""; 0]
    );
    // Where it isn't known, all of them count, each name once.
    let script = "get_octopusvariable \"A\"; $OctopusParameters[\"B\"]; Octopus.findVariable \"C\"; get_octopusvariable(\"D\")";
    assert_eq!(found(script, None), ["A", "B", "C", "D"]);
}

#[test]
fn what_the_script_computes_is_told() {
    let computed = |script, syntax| names(script, syntax)[0].computed;
    assert!(computed(
        "$OctopusParameters[\"A[$_].B\"]",
        Some(Syntax::PowerShell)
    ));
    assert!(!computed(
        "$OctopusParameters['A[$_].B']",
        Some(Syntax::PowerShell)
    ));
    assert!(computed("get_octopusvariable \"A$b\"", Some(Syntax::Bash)));
    assert!(!computed(
        "Octopus.Parameters[\"A$b\"]",
        Some(Syntax::CSharp)
    ));
    assert!(computed("$OctopusParameters[\"A$b\"]", None));
}

#[test]
fn a_syntax_is_known_by_name_or_extension() {
    assert_eq!(Syntax::from_name("powershell"), Some(Syntax::PowerShell));
    assert_eq!(Syntax::from_name("Perl"), None);
    let extension = Syntax::from_extension;
    assert_eq!(
        extension("Octopus.Action.CustomScripts.PostDeploy.ps1"),
        Some(Syntax::PowerShell)
    );
    assert_eq!(extension("run.SH"), Some(Syntax::Bash));
    assert_eq!(extension("py"), Some(Syntax::Python));
    assert_eq!(extension("Octopus.Action.Script.ScriptBody"), None);
}
