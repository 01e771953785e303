//! What a step costs is bounded, whatever is in the document.

use super::step_reference::wrong;

#[test]
fn values_under_an_enormous_label_are_paid_for() {
    let label = "x".repeat(1 << 20);
    let block = "    a {\n        b = 1\n    }\n".repeat(1000);
    let before = format!("step \"{label}\" {{\n{block}}}\n");
    let body = "in \"step.a\" {\n set = { b = 2 }\n}";
    let problems = wrong(body, &before, &before, false);
    let told = "limit of 5 million operations";
    assert!(
        problems.iter().any(|problem| problem.contains(told)),
        "the step went through, or failed in another way"
    );
}
