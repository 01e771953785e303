//! A new name in the places of an old one.

use ocl_migrate::template::{Path, Reading, RenameError, Template};

/// Renames every name that begins with the variable of that name and isn't a loop's.
fn rename(text: &str, old: &str, new: &str) -> Result<String, RenameError> {
    let template = Template::read(text, Reading::Value);
    let key = Path::read(old).expect("a name").key();
    let places: Vec<_> = template
        .names()
        .iter()
        .filter(|name| name.local.is_none())
        .filter_map(|name| name.path.prefixes().find(|prefix| prefix.key == key))
        .map(|prefix| prefix.place)
        .collect();
    template.rename(&places, new)
}

#[test]
fn only_the_name_changes() {
    let is = |text, old, new, expected: &str| {
        assert_eq!(rename(text, old, new).expect("it can be renamed"), expected)
    };
    is(
        "#{ Db.Host |ToLower}, #{if db.HOST}é#{/if}",
        "Db.Host",
        "Server",
        "#{ Server |ToLower}, #{if Server}é#{/if}",
    );
    is(
        "#{Db.Host}#{Db}#{Dba}#{Other.Db}",
        "Db",
        "New Db",
        "#{New Db.Host}#{New Db}#{Dba}#{Other.Db}",
    );
    is(
        "#{A[#{B}].C | F #{B}}",
        "B",
        "D[1]",
        "#{A[#{D[1]}].C | F #{D[1]}}",
    );
    is("#{A[#{B}].C}", "A", "Z", "#{Z[#{B}].C}");
    is(
        "#{each m in Machines}#{m.Name}#{/each}#{m}",
        "m",
        "n",
        "#{each m in Machines}#{m.Name}#{/each}#{n}",
    );
    is("#{calc {A}-2}", "A", "B-C", "#{calc {B-C}-2}");
    is("##{A}#{B}", "A", "C", "##{A}#{B}");
    is("", "A", "C", "");
}

#[test]
fn a_name_that_cannot_be_said_there_is_refused() {
    let refused = |text, old, new| {
        rename(text, old, new)
            .expect_err("it can't be renamed")
            .to_string()
    };
    for new in ["a!", "", " ", "a b#", "a[b", "a..b", "a}", "a|b", "#{a}"] {
        assert_eq!(
            refused("#{A}", "A", new),
            format!("`{new}` can't be written in a template")
        );
    }
    let otherwise = |new| format!("with `{new}`, the text would mean something else");
    // A loop has that name; a calculation takes it for a number; a keyword's blanks end it.
    assert_eq!(
        refused("#{each m in X}#{A}#{/each}", "A", "M"),
        otherwise("M")
    );
    assert_eq!(refused("#{calc A+1}", "A", "2"), otherwise("2"));
}

#[test]
fn a_place_without_a_name_is_refused() {
    let template = Template::read("#{a.b[#{c}].d} #{e}", Reading::Value);
    for place in [0..1, 3..4, 2..4, 2..14, 4..5, 16..19, 100..101] {
        let error = template
            .rename(std::slice::from_ref(&place), "x")
            .expect_err("no name is there");
        assert_eq!(error, RenameError::NotAName { place });
    }
    let renamed = template
        .rename(&[17..18, 2..3, 8..9, 2..3], "x")
        .expect("names are there");
    assert_eq!(renamed, "#{x.b[#{x}].d} #{x}");
}
