//! Texts made to be slow or deep. The server's own way to read is exponential for some of them; reading each of these is one
//! pass, or this test doesn't end.

use ocl_migrate::template::{MAX_DEPTH, MistakeKind, Reading, Template};

const LENGTH: usize = 20_000;

#[test]
fn no_text_is_slow_or_overflows_the_stack() {
    let beginnings = [
        "#{",
        "#{ ",
        "#{a}",
        "#{a.",
        "#{a   ",
        "##{",
        "###{",
        "#",
        "[",
        "#{/if}",
        "#{else}",
        "#{elseif ",
        "#{if a}",
        "#{if a}#{elseif b}",
        "#{if a == ",
        "#{if \"x",
        "#{unless a}#{else}",
        "#{each x in y}",
        "#{each a in b[",
        "#{a[",
        "#{a[#{b",
        "#{a[#{b}]",
        "#{a|f ",
        "#{a|f \\\"",
        "#{a|f #{b}",
        "#{a[#{b|f \\\"]|f \\\"",
        "#{calc (",
        "#{calc ((1+",
        "#{calc {a",
        "#{calc a+",
    ];
    for beginning in beginnings {
        let count = LENGTH / beginning.len();
        let repeated = beginning.repeat(count);
        for end in ["", "}", "]", "]}", "#{/if}", ")"] {
            let text = format!("{repeated}{}", end.repeat(count));
            for reading in [Reading::Value, Reading::Script] {
                let template = Template::read(&text, reading);
                let length: usize = template.parts().iter().map(|part| part.place.len()).sum();
                assert_eq!(length, text.len(), "{beginning}");
            }
        }
    }
}

#[test]
fn nesting_has_a_limit_and_says_so() {
    let nested = |levels: usize| {
        let heads: Vec<String> = (0..levels)
            .map(|level| format!("#{{each a{level} in b}}"))
            .collect();
        heads.concat() + &"#{/each}".repeat(levels)
    };
    let names = |text: &str, reading| Template::read(text, reading).names().len();
    assert_eq!(names(&nested(MAX_DEPTH + 1), Reading::Value), MAX_DEPTH + 1);

    let deep = nested(MAX_DEPTH + 2);
    let template = Template::read(&deep, Reading::Value);
    assert_eq!(template.mistakes()[0].kind, MistakeKind::TooDeep);
    assert!(template.is_plain() && template.names().is_empty());

    // In a script, what stands beside it is still read.
    let script = format!("#{{before}}{deep}#{{after}}");
    let template = Template::read(&script, Reading::Script);
    assert_eq!(super::named(&template), ["before", "after"]);
    assert_eq!(template.mistakes().len(), 1);
}
