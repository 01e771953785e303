//! Names of variables in scripts.

use std::collections::BTreeSet;

use ocl_migrate::template::script::{Syntax, names};
use proptest::prelude::*;
use regex::Regex;

use crate::values::corpus::documents;

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

/// The same as patterns, each with the syntaxes that have it.
fn by_patterns(script: &str, syntax: Option<Syntax>) -> BTreeSet<(usize, String)> {
    use Syntax::{Bash, CSharp, FSharp, PowerShell, Python};
    const QUOTED: &str = r#"(?:"([^"\r\n]+)"|'([^'\r\n]+)')"#;
    let argument = r#""[^"\r\n]*"|[\w.]+"#;
    let ways = [
        (
            &[PowerShell, CSharp, FSharp, Python][..],
            format!(
                r"(?i:\bOctopus\.?Parameters)\s*(?:\.?\[|(?i:\.(?:Contains(?:Key)?|(?:get_)?Item|Get)\s*\())\s*{QUOTED}"
            ),
        ),
        (
            &[Bash, Python],
            format!(r"\bget_octopusvariable(?:[ \t]+|\s*\(\s*){QUOTED}"),
        ),
        (
            &[Bash],
            r"\bget_octopusvariable[ \t]+([\w:/~@-]+(?:\.[\w:/~@-]+)*)".to_owned(),
        ),
        (
            &[FSharp],
            format!(
                r"\bOctopus\.(?:tryFindVariable|findVariable|findVariableOrDefault\s+(?:\([^()\r\n]*\)|{argument}))\s+{QUOTED}"
            ),
        ),
    ];
    let mut found = BTreeSet::new();
    for (taken_by, pattern) in ways {
        if syntax.is_none_or(|syntax| taken_by.contains(&syntax)) {
            for captures in Regex::new(&pattern).unwrap().captures_iter(script) {
                let name = captures.iter().skip(1).flatten().next().unwrap();
                found.insert((name.start(), name.as_str().to_owned()));
            }
        }
    }
    found
}

fn by_hand(script: &str, syntax: Option<Syntax>) -> BTreeSet<(usize, String)> {
    let found = names(script, syntax).into_iter();
    found
        .map(|name| (name.place.start, name.name.to_owned()))
        .collect()
}

const SYNTAXES: [Option<Syntax>; 4] = [
    None,
    Some(Syntax::PowerShell),
    Some(Syntax::Bash),
    Some(Syntax::FSharp),
];

#[test]
fn real_scripts_are_read_as_patterns_read_them() {
    let all = documents();
    let mut texts: Vec<&str> = all.iter().map(|real| real.document.text()).collect();
    texts.retain(|text| text.contains("ctopusParameters") || text.contains("get_octopus"));
    for text in texts {
        assert_eq!(by_hand(text, None), by_patterns(text, None));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn any_script_is_read_as_patterns_read_it(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "Octopus", "octopus", "OCTOPUS", ".", "Parameters", "parameters", "[", "(", ")", "]", " ", "\t", "\n", "\"", "'",
                "A", "b.c", "é", "$", "_", "get_octopusvariable", "get_", "variable", "tryFindVariable", "findVariable", "OrDefault",
                "ContainsKey", "Contains", "get_Item", "Item", "Get", "\"A\"", "'B c'", "-", "Octopus.findVariable ",
                "$OctopusParameters[", "OctopusParameters.get(",
            ]),
            0..14,
        ),
    ) {
        let script = pieces.concat();
        for syntax in SYNTAXES {
            prop_assert_eq!(by_hand(&script, syntax), by_patterns(&script, syntax));
        }
    }
}
