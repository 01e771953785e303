//! Typed documents, through serde.

use ocl_migrate::ocl::{self, Dialect, Document};
use serde::{Deserialize, Serialize};
use serde_json::json;

fn read(text: &str) -> Document {
    Document::parse(text, Dialect::Current).unwrap_or_else(|error| panic!("{error}"))
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Policy {
    Default,
    Count(u32),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Step {
    #[serde(rename = "$labels", default, skip_serializing_if = "Vec::is_empty")]
    labels: Vec<String>,
    policy: Policy,
    #[serde(default)]
    ratio: Option<f64>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Process<'a> {
    name: &'a str,
    step: Vec<Step>,
}

#[test]
fn types_are_read_and_written() {
    let process = Process {
        name: "P",
        step: vec![
            Step {
                labels: vec!["a".into()],
                policy: Policy::Default,
                ratio: Some(1.5),
            },
            Step {
                labels: Vec::new(),
                policy: Policy::Count(3),
                ratio: None,
            },
        ],
    };
    let text = ocl::to_string(&process, Dialect::Current).expect("writable");
    insta::assert_snapshot!(text, @r#"
    name = "P"

    step "a" {
        policy = "default"
        ratio = 1.5
    }

    step {
        policy = {
            count = 3
        }
        ratio = null
    }
    "#);
    let document = read(&text);
    assert_eq!(ocl::from_node::<Process<'_>>(document.root()), Ok(process));
}

#[test]
fn errors_say_which_node_did_not_fit() {
    let errors: Vec<_> = [
        "name = \"x\"\nstep \"a\" {\n    policy = \"never\"\n}",
        "name = 1\nstep {}",
        "name = \"x\"\nstep {\n    policy = {\n        count = -1\n    }\n}",
        "name = \"x\"\nstep \"a\" {\n}",
        "name = \"x\"\nstep = 1",
    ]
    .iter()
    .map(|text| {
        let document = read(text);
        ocl::from_node::<Process<'_>>(document.root())
            .expect_err("it doesn't fit")
            .to_string()
    })
    .collect();
    insta::assert_snapshot!(errors.join("\n"), @r#"
    3:5: step["a"].policy: unknown variant `never`, expected `default` or `count`
    1:1: name: invalid type: integer `1`, expected a borrowed string
    4:9: step.policy["count"]: invalid number
    2:1: step["a"]: missing field `policy`
    2:1: step: invalid type: integer `1`, expected a sequence
    "#);
    assert_eq!(
        ocl::to_string(&[1], Dialect::Current).map_err(|error| error.to_string()),
        Err("a document is an object of attributes and blocks, not a list".to_owned())
    );
    assert!(ocl::to_string(&json!({"not a name": 1}), Dialect::Current).is_err());
}
