//! What a format can't hold is an error with its address.

use ocl_migrate::catalog::Identity;
use ocl_migrate::export::{Export, Format};
use ocl_migrate::ocl::{Dialect, Document};
use ocl_migrate::values::Values;

fn errors(text: &str, format: Format) -> Vec<String> {
    let document = Document::parse(text, Dialect::Current).unwrap();
    let identity = Identity::none();
    let export = Export::part("d", Values::of(&document, &identity).root());
    let errors = export.to_text(format).err().unwrap_or_default();
    errors.iter().map(ToString::to_string).collect()
}

#[test]
fn it_is_told_with_its_address() {
    let json = |text| errors(text, Format::Json);
    assert_eq!(
        json("a = 1\na = 2\n"),
        ["d a[1]: JSON can't hold two values of one name, `a`"]
    );
    assert_eq!(
        json("b \"x\" {\n    a = {\n        k = 1\n        k = 2\n    }\n}\n"),
        [r#"d b["x"].a["k"][1]: JSON can't hold two values of one name, `k`"#]
    );
    assert_eq!(
        json("a = 1\na {\n}\n"),
        ["d a[]: JSON can't hold an attribute beside blocks of its name"]
    );
    let dictionaries = "a = [{\n    k = 1\n}]\n";
    assert_eq!(
        errors(dictionaries, Format::Yaml),
        ["d a: YAML can't hold a list of dictionaries, as it would read back as blocks"]
    );
    assert!(errors(dictionaries, Format::Hcl).is_empty());
    let toml = |text| errors(text, Format::Toml);
    assert_eq!(toml("a = [1, null]\n"), ["d a[1]: TOML can't hold null"]);
    assert_eq!(
        toml(
            "a = 9223372036854775808\nb = -9223372036854775808\nc = 0.1000000000000000055\nd = 1.10\n"
        ),
        [
            "d a: TOML can't hold the number 9223372036854775808, as its readers keep fewer digits",
            "d c: TOML can't hold the number 0.1000000000000000055, as its readers keep fewer digits",
        ]
    );
    assert_eq!(
        errors("1a = 1\n", Format::Hcl),
        ["d 1a: HCL can't hold the name `1a`, which is no identifier there"]
    );
    assert_eq!(
        errors("a = null\nb = []\nc {\n}\nd = 1\n", Format::Env),
        [
            "d a: a file of environment variables can't hold null",
            "d b: a file of environment variables can't hold an empty list, dictionary or block",
            "d c: a file of environment variables can't hold an empty list, dictionary or block",
        ]
    );
    assert_eq!(
        errors("a-b = 1\na_b = 2\n", Format::Env),
        ["d a-b and d a_b would both be called D_A_B: export one of them, or another format"]
    );
    for format in [Format::Json, Format::Yaml, Format::Csv] {
        assert!(errors("a = null\nb = [1, {\n    k = null\n}]\n", format).is_empty());
    }
}

#[test]
fn a_part_alone_needs_a_format_that_can_begin_with_it() {
    let document = Document::parse("a = [1]\nb = {\n    k = 1\n}\n", Dialect::Current).unwrap();
    let identity = Identity::none();
    let values = Values::of(&document, &identity);
    let part = |selector: &str, format| {
        let element = values.find(&selector.parse().unwrap()).unwrap();
        let text = Export::part("d", element).to_text(format);
        text.map_err(|errors| errors[0].to_string())
    };
    let single = "a single value or list: it begins with attributes";
    assert_eq!(part("a", Format::Json).unwrap(), "[\n  1\n]\n");
    assert_eq!(part("a", Format::Yaml).unwrap(), "- 1\n");
    assert_eq!(
        part("a", Format::Toml),
        Err(format!("d a: TOML can't hold {single}"))
    );
    assert_eq!(part("a", Format::Hcl).unwrap(), "a = [1]\n");
    assert_eq!(
        part("a[0]", Format::Hcl),
        Err(format!("d a[0]: HCL can't hold {single}"))
    );
    assert_eq!(part("b", Format::Toml).unwrap(), "k = 1\n");
    assert_eq!(part("b[\"k\"]", Format::Env).unwrap(), "D_B_K=1\n");
}
