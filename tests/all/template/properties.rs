//! What holds for every text over the language's alphabet.

use ocl_migrate::template::{Path, Reading, RenameError, StepKind, Template};
use proptest::prelude::*;

/// Pieces of templates, whole and broken.
fn text() -> impl Strategy<Value = String> {
    let pieces = vec![
        "#{",
        "#{",
        "#{",
        "}",
        "}",
        "#{if ",
        "#{unless ",
        "#{else}",
        "#{elseif ",
        "#{/if}",
        "#{/unless}",
        "#{each ",
        " in ",
        "#{/each}",
        "#{calc ",
        "|",
        " | F ",
        "a",
        "B c",
        "a.b",
        "x[y]",
        "[",
        "]",
        "[#{",
        "]}",
        ".",
        " ",
        "\"",
        "\"q\"",
        "\\\"",
        "==",
        " != ",
        "#",
        "##",
        "##{",
        "+",
        "(",
        ")",
        "{",
        "2",
        "é",
        "🔍",
        "Octopus.Template.Each.First",
        "\n",
        "#{a}",
        "#{a | F #{b}}",
        "#{if a}",
        "#{each a in b}",
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..24).prop_map(|pieces| pieces.concat())
}

fn reading() -> impl Strategy<Value = Reading> {
    prop_oneof![Just(Reading::Value), Just(Reading::Script)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn the_parts_are_the_text(text in text(), reading in reading()) {
        let template = Template::read(&text, reading);
        let mut end = 0;
        for part in template.parts() {
            prop_assert_eq!(part.place.start, end);
            prop_assert!(part.place.end > end);
            end = part.place.end;
        }
        prop_assert_eq!(end, text.len());
        // A text without a mistake is read in one way.
        let value = Template::read(&text, Reading::Value);
        if value.mistakes().is_empty() {
            let script = Template::read(&text, Reading::Script);
            prop_assert_eq!(script.names(), value.names());
        }
    }

    #[test]
    fn places_are_exact(text in text(), reading in reading()) {
        let template = Template::read(&text, reading);
        let mut before = 0;
        for name in template.names() {
            let place = name.path.place();
            prop_assert!(place.start >= before);
            before = place.start;
            for step in name.path.steps() {
                let written = &text[step.place.clone()];
                match step.kind {
                    StepKind::Name(name) => prop_assert_eq!(name, written),
                    StepKind::Index(index) => prop_assert_eq!(format!("[{index}]"), written),
                    StepKind::Computed => prop_assert!(written.starts_with('[') && written.ends_with(']')),
                }
            }
            // Read by itself, what stands there is the same name.
            if !name.path.is_computed() {
                let alone = Path::read(&text[place.clone()]).map(|path| path.key());
                prop_assert_eq!(alone, Some(name.path.key()));
            }
        }
        for filter in template.filters() {
            prop_assert_eq!(&text[filter.place.clone()], filter.name);
        }
        for one in template.loops() {
            prop_assert_eq!(&text[one.place.start..one.place.start + 2], "#{");
            prop_assert_eq!(&text[one.body.end..one.place.end], "#{/each}");
        }
    }

    #[test]
    fn renaming_changes_the_places_and_nothing_else(text in text(), reading in reading(), new in "[a-c]{1,3}(\\.d|\\[e\\])?") {
        let template = Template::read(&text, reading);
        let Some(old) = template.names().iter().find(|name| name.local.is_none() && !name.path.is_computed()) else {
            return Ok(());
        };
        let key = old.path.key();
        let places: Vec<_> = template
            .names()
            .iter()
            .filter(|name| name.local.is_none())
            .filter_map(|name| name.path.prefixes().find(|prefix| prefix.key == key))
            .map(|prefix| prefix.place)
            .collect();
        match template.rename(&places, &new) {
            Ok(renamed) => {
                // The same text, but for the places.
                let mut rest = (text.as_str(), renamed.as_str());
                let mut at = 0;
                for place in &places {
                    let kept = place.start - at;
                    prop_assert_eq!(&rest.0[..kept], &rest.1[..kept]);
                    prop_assert!(rest.1[kept..].starts_with(&new));
                    rest = (&rest.0[kept + place.len()..], &rest.1[kept + new.len()..]);
                    at = place.end;
                }
                prop_assert_eq!(rest.0, rest.1);
                let again = Template::read(&renamed, reading);
                prop_assert_eq!(again.names().len(), template.names().len());
            }
            Err(error) => {
                let ambiguous = matches!(error, RenameError::Ambiguous { .. });
                prop_assert!(ambiguous, "{}", error);
            }
        }
    }

    #[test]
    fn no_text_at_all_panics(text in "\\PC{0,40}|[#{}\\[\\]|. a\"\\\\=!]{0,40}") {
        for reading in [Reading::Value, Reading::Script] {
            let template = Template::read(&text, reading);
            let joined: String = template.parts().iter().map(|part| &text[part.place.clone()]).collect();
            prop_assert_eq!(joined, text.as_str());
        }
        let _ = Path::read(&text);
        let _ = ocl_migrate::template::script::names(&text, None);
    }
}
