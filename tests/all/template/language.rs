//! The language, behaviour by behaviour. What is pinned here was learned from the server's own grammar, quirks included:
//! a name that the server doesn't see must not be seen here, and the other way round.

use ocl_migrate::template::{MistakeKind, PartKind, Path, Reading, Role, StepKind, Template};

use super::{is_malformed, named, names};

fn roles(text: &str) -> Vec<(String, Role)> {
    let template = Template::read(text, Reading::Value);
    let names = template.names().iter();
    names
        .map(|name| (text[name.path.place()].to_owned(), name.role))
        .collect()
}

fn parts(text: &str) -> Vec<(PartKind, String)> {
    let template = Template::read(text, Reading::Value);
    let parts = template.parts().iter();
    parts
        .map(|part| (part.kind, text[part.place.clone()].to_owned()))
        .collect()
}

#[test]
fn a_name_is_found_at_its_place() {
    let text = "http://#{Host}:#{ Port }/";
    let template = Template::read(text, Reading::Value);
    let places: Vec<_> = template
        .names()
        .iter()
        .map(|name| name.path.place())
        .collect();
    assert_eq!(places, [9..13, 18..22]);
    assert_eq!(named(&template), ["Host", "Port"]);
    assert!(!template.is_plain());
    assert!(Template::read("no name", Reading::Value).is_plain());
}

#[test]
fn names_may_hold_blanks_and_some_signs() {
    for name in [
        "Foo Bar Jazz",
        "a/b",
        "a~b",
        "(abc)",
        "My:Var",
        "user@host",
        "a-b_c",
        "é字",
        "1st",
    ] {
        assert_eq!(names(&format!("#{{{name}}}")), [name]);
        assert_eq!(names(&format!("#{{ \n{name}  }}.")), [name]);
    }
    for name in [
        "", " ", "a!b", "a,b", "a$b", "a{b", "a\"b", "a'b", "a=b", "a&b", "🔍", "½", "a\u{301}",
    ] {
        assert!(is_malformed(&format!("#{{{name}}}.")), "{name}");
    }
}

#[test]
fn words_of_the_language_end_a_name_with_blanks() {
    assert!(is_malformed("#{Log in page}."));
    assert!(is_malformed("#{a == b}."));
    // Without blanks on both sides they are letters like others; in capitals too.
    assert_eq!(
        names("#{Login page}#{in page}#{Log in}#{Log IN page}."),
        ["Login page", "in page", "Log in", "Log IN page"]
    );
}

#[test]
fn a_path_has_steps() {
    let text = "#{Octopus.Action[Deploy web].Output . Url}";
    let template = Template::read(text, Reading::Value);
    let path = &template.names()[0].path;
    let steps: Vec<_> = path
        .steps()
        .iter()
        .map(|step| (step.kind.clone(), step.place.clone()))
        .collect();
    assert_eq!(
        steps,
        [
            (StepKind::Name("Octopus"), 2..9),
            (StepKind::Name("Action"), 10..16),
            (StepKind::Index("Deploy web"), 16..28),
            (StepKind::Name("Output"), 29..35),
            (StepKind::Name("Url"), 38..41),
        ]
    );
    assert_eq!(path.key(), "OCTOPUS.ACTION[DEPLOY WEB].OUTPUT.URL");
    let prefixes: Vec<_> = path
        .prefixes()
        .map(|prefix| text[prefix.place].to_owned())
        .collect();
    assert_eq!(
        prefixes,
        [
            "Octopus.Action[Deploy web].Output . Url",
            "Octopus.Action[Deploy web].Output",
            "Octopus.Action[Deploy web]",
            "Octopus.Action",
            "Octopus",
        ]
    );
}

#[test]
fn spellings_of_one_name_have_one_key() {
    let key = |name| Path::read(name).map(|path| path.key());
    assert_eq!(key("foo.BAR[ x]"), key("Foo . Bar[X]"));
    assert_eq!(key("a[b[ c]]"), key("a[b[c]]"));
    assert_ne!(key("a[b ]"), key("a[b]"));
    assert_ne!(key("a.b"), key("a[b]"));
    // The server binds a variable by as much of its name as it understands.
    assert_eq!(key("My variable!"), key("my variable"));
    assert_eq!(key("a[b"), key("a"));
    assert_eq!(key(""), None);
    assert_eq!(key("#{a}"), None);
}

#[test]
fn an_index_is_a_text_or_a_template() {
    assert_eq!(names("#{a[#{b}]}"), ["a[#{b}]", "b"]);
    assert_eq!(names("#{a[ #{ b.c } ].d}"), ["a[ #{ b.c } ].d", "b.c"]);
    assert_eq!(names("#{a[#{b[#{c}]}]}"), ["a[#{b[#{c}]}]", "b[#{c}]", "c"]);
    assert_eq!(
        names("#{a[]}#{a[*].b}#{a[0][x]}#{a[b[0].c].d}"),
        ["a[]", "a[*].b", "a[0][x]", "a[b[0].c].d"]
    );
    assert_eq!(
        names("#{a[🔍 \"any\" thing|=}]}"),
        ["a[🔍 \"any\" thing|=}]"]
    );
    // With a filter or with text beside it, it is text: nothing is computed.
    assert_eq!(
        names("#{a[#{b | ToLower}]}#{a[x#{b}]}"),
        ["a[#{b | ToLower}]", "a[x#{b}]"]
    );
    // So it is where a condition stands.
    assert_eq!(names("#{a[#{if b}]}"), ["a[#{if b}]", "if b"]);

    let computed = |text| {
        Template::read(text, Reading::Value).names()[0]
            .path
            .is_computed()
    };
    assert!(computed("#{a[#{b}].c}"));
    assert!(!computed("#{a[x#{b}].c}"));
    let template = Template::read("#{a.b[#{c}].d}", Reading::Value);
    let prefixes: Vec<_> = template.names()[0]
        .path
        .prefixes()
        .map(|prefix| prefix.key)
        .collect();
    assert_eq!(prefixes, ["A.B", "A"]);

    assert!(is_malformed("#{Fo[o}"));
    assert!(is_malformed("#{a[b]c}"));
    assert!(is_malformed("#{a[b] .c}"));
    assert!(is_malformed("#{a..b}"));
    assert!(is_malformed("#{.a}"));
}

#[test]
fn filters_have_options() {
    let text = "#{a | Format Date \"HH:mm\" \\\"d M\\\"|ToLower}";
    let template = Template::read(text, Reading::Value);
    let filters: Vec<_> = template
        .filters()
        .iter()
        .map(|filter| {
            let options = filter.options.iter().map(|option| &text[option.clone()]);
            (filter.name, options.collect::<Vec<_>>())
        })
        .collect();
    assert_eq!(
        filters,
        [
            ("Format", vec!["Date", "\"HH:mm\"", "\\\"d M\\\""]),
            ("ToLower", vec![])
        ]
    );
    assert_eq!(names(text), ["a"]);
    // Without a name too.
    assert_eq!(names("#{ | NowDate}#{|NowDate yyyy}"), [""; 0]);
}

#[test]
fn options_hold_names() {
    assert_eq!(
        roles("#{a | Format #{b}}"),
        [("a".into(), Role::Value), ("b".into(), Role::Option)]
    );
    assert_eq!(
        names("#{a | Replace #{b | ToLower}#{c} x}"),
        ["a", "b", "c"]
    );
    assert_eq!(names("#{a | F #{if b}#{c}#{/if}}"), ["a", "b", "c"]);
    assert_eq!(names("#{a | F #{calc b + 1}}"), ["a", "b"]);
    // Between quotes there is none; and a `#` there ends it all.
    assert_eq!(names("#{a | F \"b c\"}"), ["a"]);
    assert!(is_malformed("#{a | F \"#{b}\"}"));
    assert_eq!(names("#{a | F \\\"#{b}\\\"}"), ["a"]);
    // After an option that is a template no blank may stand, but before the closing brace.
    assert!(is_malformed("#{a | Replace #{b} #{c}}"));
    assert!(is_malformed("#{a | F #{b} | G}"));
    assert_eq!(
        names("#{a | F #{b}| G}#{a | F #{b} }"),
        ["a", "b", "a", "b"]
    );
    assert_eq!(names("#{a | F x | G}"), ["a"]);
    assert!(is_malformed("#{a | F 1.5}"));
    assert!(is_malformed("#{a | F G |}"));
}

#[test]
fn conditions_name_what_they_look_at() {
    assert_eq!(
        roles("#{if a}#{b}#{else}#{c}#{/if}"),
        [
            ("a".into(), Role::Condition),
            ("b".into(), Role::Value),
            ("c".into(), Role::Value)
        ]
    );
    for head in [
        "if a",
        " if a ",
        "IF a",
        "if\na",
        "if a == \"b\"",
        "if a==\"b\"",
        "if a != \\\"b\\\"",
        "if \"b\" == a",
        "if \\\"b\\\"!=a",
        "if a == \"\"",
    ] {
        assert_eq!(names(&format!("#{{{head}}}x#{{/if}}")), ["a"], "{head}");
    }
    assert_eq!(names("#{if a == b}x#{/if}"), ["a", "b"]);
    assert_eq!(
        names("#{if a | ToLower == b | F #{c}}x#{/if}"),
        ["a", "b", "c"]
    );
    assert_eq!(
        names("#{unless a}#{b}#{else}#{c}#{/unless}"),
        ["a", "b", "c"]
    );
    assert_eq!(
        names("#{if a}#{if b}#{c}#{/if}#{else}#{unless d}#{/unless}#{/if}"),
        ["a", "b", "c", "d"]
    );
    for text in [
        "#{if a == }x#{/if}",
        "#{if a === b}x#{/if}",
        "#{if \"a\"}x#{/if}",
        "#{if a && b}x#{/if}",
        "#{if a != 'b'}x#{/if}",
    ] {
        assert!(is_malformed(text), "{text}");
    }
}

#[test]
fn else_ifs_follow_an_if() {
    let text = "#{if a}1#{elseif b == \"x\"}#{c}#{elseif\td | F}2#{else}#{e}#{/if}";
    assert_eq!(names(text), ["a", "b", "c", "d", "e"]);
    assert_eq!(
        parts(text)
            .into_iter()
            .map(|(kind, _)| kind)
            .collect::<Vec<_>>(),
        [
            PartKind::Opening,
            PartKind::Text,
            PartKind::Middle,
            PartKind::Substitution,
            PartKind::Middle,
            PartKind::Text,
            PartKind::Middle,
            PartKind::Substitution,
            PartKind::Closing,
        ]
    );
    // Elsewhere they are variables of that name.
    assert_eq!(names("#{else}#{elseif a}"), ["else", "elseif a"]);
    assert_eq!(names("#{unless a}#{elseif b}#{/unless}"), ["a", "elseif b"]);
    assert_eq!(
        names("#{if a}#{else}#{else}#{elseif b}#{/if}"),
        ["a", "else", "elseif b"]
    );
    assert_eq!(
        names("#{if a}#{each b in c}#{else}#{/each}#{/if}"),
        ["a", "c", "else"]
    );
    assert_eq!(names("#{if a}#{elseifb}#{/if}"), ["a", "elseifb"]);
    assert_eq!(
        names("#{if a}#{ELSE}#{ else }#{/if}"),
        ["a", "ELSE", "else"]
    );
    // One that can't be read spoils its `if`, which then is a name, and its end closes nothing.
    assert!(is_malformed("#{if a}#{elseif !}#{/if}"));
}

#[test]
fn what_is_not_closed_is_a_name() {
    assert_eq!(names("#{if a}#{b}"), ["if a", "b"]);
    assert_eq!(names("#{each a}"), ["each a"]);
    assert_eq!(names("#{unless}#{if}#{calc}"), ["unless", "if", "calc"]);
    // `in` with blanks around it can't be in a name.
    assert!(is_malformed("#{each a in b}"));
    // Ends are in small letters, without blanks.
    assert!(is_malformed("#{if a}#{/IF}"));
    assert!(is_malformed("#{if a}#{/if }"));
    assert!(is_malformed("#{if a}#{/unless}"));
    assert!(is_malformed("#{/if}"));
}

#[test]
fn loops_bind_names() {
    let text = "#{each m in Machines}#{m}#{M.Name}#{Other[#{m}].Name}#{Octopus.Template.Each.Index}#{/each}#{m}";
    assert_eq!(
        names(text),
        [
            "Machines",
            "item 0: m",
            "item 0: M.Name",
            "Other[#{m}].Name",
            "item 0: m",
            "loop 0: Octopus.Template.Each.Index",
            "m"
        ]
    );
    let text = "#{each a in X}#{each b in a.Y}#{a}#{b}#{octopus.template.each.last}#{/each}#{b}#{each a in a}#{a}#{/each}#{/each}";
    assert_eq!(
        names(text),
        [
            "X",
            "item 0: a.Y",
            "item 0: a",
            "item 1: b",
            "loop 1: octopus.template.each.last",
            "b",
            "item 0: a",
            "item 2: a"
        ]
    );
    let template = Template::read(text, Reading::Value);
    let bodies: Vec<_> = template
        .loops()
        .iter()
        .map(|one| &text[one.body.clone()])
        .collect();
    assert_eq!(bodies[1], "#{a}#{b}#{octopus.template.each.last}");
    let variables: Vec<_> = template
        .loops()
        .iter()
        .map(|one| &text[one.variable.place.clone()])
        .collect();
    assert_eq!(variables, ["a", "b", "a"]);

    // Only there.
    assert_eq!(
        names("#{Octopus.Template.Each.Index}"),
        ["Octopus.Template.Each.Index"]
    );
    assert_eq!(
        names("#{ EACH my item\nin  X }#{my item.a}#{my}#{/each}"),
        ["X", "item 0: my item.a", "my"]
    );
    assert_eq!(names("#{each a in X[#{b}]}#{/each}"), ["X[#{b}]", "b"]);
    // A collection is a path: no filters. Any other `#{each` is a name, or nothing.
    assert!(is_malformed("#{each a in X | F}#{a}#{/each}"));
    assert!(is_malformed("#{each a.b in X}#{/each}"));
    assert!(is_malformed("#{each a in X}#{/if}"));
}

#[test]
fn calculations_name_their_operands() {
    for (calculation, operands) in [
        ("3+2", &[][..]),
        ("a+b", &["a", "b"]),
        ("{a-b}/2", &["a-b"]),
        ("{ a/b } - 1", &["a/b"]),
        ("2 * ({a}+3) % b", &["a", "b"]),
        ("(b*2)-2", &["b"]),
        (".5*a.b[c]", &["a.b[c]"]),
        ("a[#{b}]*2", &["a[#{b}]", "b"]),
        // Signs that a name may hold belong to it.
        ("B-2", &["B-2"]),
        ("a + b / c", &["a", "b / c"]),
        ("2-B", &["B"]),
        ("( 2+1)", &["2"]),
    ] {
        let text = format!("#{{calc {calculation}}}.");
        let template = Template::read(&text, Reading::Value);
        assert_eq!(
            template.parts()[0].kind,
            PartKind::Calculation,
            "{calculation}"
        );
        assert_eq!(named(&template), operands, "{calculation}");
        assert!(
            template
                .names()
                .iter()
                .all(|name| name.role == Role::Calculation || name.role == Role::Index)
        );
    }
    for text in [
        "#{calc (a+b)}",
        "#{calc 1+}",
        "#{calc 1.}",
        "#{calc (1}",
        "#{calc {a}",
        "#{calc a | F}",
        "#{calc ½}",
        "#{calc 1+*2}",
    ] {
        let template = Template::read(text, Reading::Value);
        assert_ne!(template.parts()[0].kind, PartKind::Calculation, "{text}");
    }
    // What isn't one may be a name.
    assert_eq!(names("#{calc 2x}#{calculate}"), ["calc 2x", "calculate"]);
}

#[test]
fn two_hashes_escape_and_three_do_not() {
    assert_eq!(names("##{a}"), [""; 0]);
    assert_eq!(names("###{a}"), ["a"]);
    assert_eq!(names("####{a}"), [""; 0]);
    assert_eq!(names("#####{a}"), ["a"]);
    assert_eq!(names("# ## ### #a ##a#{b}#"), ["b"]);
    assert_eq!(
        parts("a##{b}c###{d}#"),
        [
            (PartKind::Text, "a".into()),
            (PartKind::Escape, "##{".into()),
            (PartKind::Text, "b}c".into()),
            (PartKind::Escape, "##".into()),
            (PartKind::Substitution, "#{d}".into()),
            (PartKind::Text, "#".into()),
        ]
    );
    assert_eq!(names("#{if a}##{/if}#{/if}"), ["a"]);
    // Within an expression there are no escapes.
    assert!(is_malformed("#{a##{b}}"));
}

#[test]
fn there_are_no_comments() {
    assert_eq!(names("// #{a} /* #{b} */ # #{c}"), ["a", "b", "c"]);
    assert_eq!(names("#{a // b}"), ["a // b"]);
}

#[test]
fn one_mistake_makes_a_value_text() {
    let text = "#{a} and #{b!}";
    let template = Template::read(text, Reading::Value);
    assert_eq!(named(&template), [""; 0]);
    assert!(template.is_plain());
    assert_eq!(template.mistakes().len(), 1);
    assert_eq!(template.mistakes()[0].place, 9..12);
    assert_eq!(template.mistakes()[0].kind, MistakeKind::Unexpected('!'));
}

#[test]
fn in_a_script_only_the_mistake_is_text() {
    let read = |text| {
        let template = Template::read(text, Reading::Script);
        let mistakes: Vec<_> = template
            .mistakes()
            .iter()
            .map(|mistake| text[mistake.place.clone()].to_owned())
            .collect();
        (named(&template), mistakes)
    };
    let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let is = |text, names: &[&str], mistakes: &[&str]| {
        assert_eq!(read(text), (owned(names), owned(mistakes)), "{text}");
    };
    is("#{a} and #{b!} and #{c}", &["a", "c"], &["#{b"]);
    is("if (\"#{\" == x) { #{Web.Root} }", &["Web.Root"], &["#{"]);
    is("#{Wsf.Host} \"#{", &["Wsf.Host"], &["#{"]);
    is("#{a} #{/if} #{b}", &["a", "b"], &["#"]);
    is("${#array[@]} #{a}", &["a"], &[]);
    is("#{a b #{c}", &["c"], &["#{a b "]);
    // Reading goes on where it stopped: names before that are gone.
    is("#{a | F #{b}! #{c}", &["c"], &["#{a | F #{b}"]);
    is("#{if a}#{b}#{x!}#{/if}", &["if a", "b"], &["#{x", "#"]);
    is("#{each a in b}#{c}#{d", &[], &["#{each a in b}#{c}#{"]);
}

#[test]
fn a_mistake_says_what_is_wrong() {
    let says = |text| {
        let template = Template::read(text, Reading::Value);
        template.mistakes()[0].to_string()
    };
    assert_eq!(says("#{a"), "this `#{` is never closed");
    assert_eq!(says("a#{/if}"), "this closes nothing");
    assert_eq!(says("#{a!}"), "`!` can't stand here");
    assert_eq!(says("#{a\u{7}}"), "`\\u{7}` can't stand here");
    let deep = "#{a[".repeat(200) + "b" + &"]}".repeat(200);
    assert_eq!(says(&deep), "more than 128 levels lie within each other");
}
