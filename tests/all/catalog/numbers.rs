//! A number that a step doesn't calculate with keeps its text, with any number of digits.

use super::step_reference::wrong;

#[test]
fn numbers_keep_their_text_wherever_a_step_puts_them() {
    let long = "9".repeat(300);
    let fine = format!("-0.{}", "0123456789".repeat(30));
    for number in ["007", "-00.10", "1.50", "0", &long, &fine] {
        let before = format!(
            "a = {number}\nlist = [{number}, {number}]\nmoved = {number}\n\nd {{\n    entries = {{\n        k = {number}\n    }}\n}}\n"
        );
        let body = "set = { b = self.a, c = [self.list[0]], e = { x = self.a, y = self.list } }\n\
                    convert = { a = value, list = [for number in value : number] }\n\
                    insert = { copy = { from = self.a, all = self.d[0].entries } }\n\
                    move = { moved = \"d.moved\" }";
        let after = format!(
            "a = {number}\nb = {number}\nc = [{number}]\ne = {{\n    x = {number}\n    y = [{number}, {number}]\n}}\n\
             list = [{number}, {number}]\n\nd {{\n    entries = {{\n        k = {number}\n    }}\n    moved = {number}\n}}\n\n\
             copy {{\n    from = {number}\n    all = {{\n        k = {number}\n    }}\n}}\n"
        );
        let problems = wrong(body, &before, &after, false);
        assert!(problems.is_empty(), "{number}: {}", problems.join("\n"));
    }
}

#[test]
fn a_text_with_an_enormous_exponent_is_no_number() {
    for text in [
        "1e2147483647",
        "-0.1e2147483647",
        "1e-2147483648",
        "1e99999999999",
    ] {
        let body = format!("set = {{ a = try(tonumber(\"{text}\"), \"none\") }}");
        let problems = wrong(&body, "z = 1\n", "a = \"none\"\nz = 1\n", false);
        assert!(problems.is_empty(), "{text}: {}", problems.join("\n"));
    }
}
